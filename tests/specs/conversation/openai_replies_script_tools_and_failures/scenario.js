// Logs what a session hears of the provider's own tools, of several function calls, and of failures.
require(Modules.OpenAI);

VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
  const client = await OpenAI.createRealtimeAPIClient({ apiKey: "offline", model: "gpt-realtime" });
  const E = OpenAI.RealtimeAPIEvents;
  const tell = (event) => Logger.write(event.name.split(".").pop());
  for (const name of ["MCPListToolsInProgress", "ResponseMCPCallInProgress", "ResponseMCPCallCompleted"]) {
    client.addEventListener(E[name], tell);
  }
  client.addEventListener(E.ConversationItemDone, ({ data: { payload: { item } } }) => {
    if (item.type === "mcp_list_tools") {
      Logger.write("tools " + item.tools.map((tool) => tool.name + ": " + tool.description));
    }
    if (item.type === "mcp_call") {
      Logger.write("mcp " + item.name + item.arguments + " -> " + item.output);
    }
  });
  client.addEventListener(E.ResponseFunctionCallArgumentsDone, ({ data: { payload } }) => {
    Logger.write("call " + payload.name + payload.arguments);
  });
  client.addEventListener(E.ResponseDone, ({ data: { payload: { response } } }) => {
    Logger.write(response.status + " " + JSON.stringify(response.status_details));
  });
  client.addEventListener(E.Error, ({ data: { payload } }) => {
    Logger.write("error " + payload.error.type + " " + payload.error.code + " " + payload.error.message);
  });
  client.addEventListener(E.SessionCreated, () => {
    client.sessionUpdate({
      session: {
        type: "realtime",
        tools: [{ type: "mcp", server_label: "docs", server_url: "https://docs.example.com/mcp", require_approval: "never" }],
      },
    });
  });
  client.addEventListener(E.SessionUpdated, () => {
    VoxEngine.sendMediaBetween(call, client);
    client.responseCreate({ instructions: "Ask me." });
  });
});
