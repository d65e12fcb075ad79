require(Modules.OpenAI);
// The model ends the call by a tool; what it says before that is heard to its end.
const END = { type: 'function', name: 'end_call', description: 'Ends the call', parameters: { type: 'object', properties: {} } };
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
  const client = await OpenAI.createRealtimeAPIClient({ apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime' });
  const E = OpenAI.RealtimeAPIEvents;
  let ending = false;
  client.addEventListener(E.SessionCreated, () => client.sessionUpdate({ session: { type: 'realtime', tools: [END] } }));
  client.addEventListener(E.SessionUpdated, () => { VoxEngine.sendMediaBetween(call, client); client.responseCreate({}); });
  client.addEventListener(E.ResponseFunctionCallArgumentsDone, ({ data: { payload } }) => {
    ending = true;
    client.conversationItemCreate({ item: { type: 'function_call_output', call_id: payload.call_id, output: '{}' } });
    client.responseCreate({ instructions: 'Say goodbye.' });
  });
  client.addEventListener(OpenAI.Events.WebSocketMediaEnded, () => { if (ending) call.hangup(); });
});
