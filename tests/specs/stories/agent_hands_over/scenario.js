require(Modules.OpenAI);
// An agent in audio mode with two tools: one looks an order up over HTTP, the other hands the caller over to a person.
const TOOLS = [
  { type: 'function', name: 'order_status', description: 'Status of an order', parameters: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } },
  { type: 'function', name: 'hand_over', description: 'To a person', parameters: { type: 'object', properties: {} } },
];
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  let client;
  const end = () => { client && client.close(); VoxEngine.terminate(); };
  call.addEventListener(CallEvents.Disconnected, end);
  call.addEventListener(CallEvents.Failed, end);
  call.answer();
  client = await OpenAI.createRealtimeAPIClient({ apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime', onWebSocketClose: end });
  client.addEventListener(OpenAI.RealtimeAPIEvents.SessionCreated, () => {
    client.sessionUpdate({ session: { type: 'realtime', instructions: 'You sell tea.', tools: TOOLS, audio: { output: { voice: 'marin' } } } });
  });
  client.addEventListener(OpenAI.RealtimeAPIEvents.SessionUpdated, () => {
    VoxEngine.sendMediaBetween(call, client);
    client.responseCreate({});
  });
  client.addEventListener(OpenAI.RealtimeAPIEvents.InputAudioBufferSpeechStarted, () => client.clearMediaBuffer());
  client.addEventListener(OpenAI.RealtimeAPIEvents.ResponseFunctionCallArgumentsDone, async (e) => {
    const { name, call_id, arguments: text } = e.data.payload;
    Logger.write(`tool ${name} ${text}`);
    if (name === 'hand_over') return handOver();
    const { code, text: status } = await Net.httpRequestAsync('https://shop.example.org/orders/' + JSON.parse(text).id);
    client.conversationItemCreate({ item: { type: 'function_call_output', call_id, output: code === 200 ? status : 'unknown' } });
    client.responseCreate({});
  });
  function handOver() {
    VoxEngine.stopMediaBetween(call, client);
    const person = VoxEngine.callPSTN('15550000007', '15550100000', { followDiversion: false });
    person.addEventListener(CallEvents.Connected, () => { VoxEngine.sendMediaBetween(call, person); Logger.write('handed over'); });
    person.addEventListener(CallEvents.Failed, () => { call.say('Nobody is free'); });
    person.addEventListener(CallEvents.Disconnected, () => call.hangup());
  }
});
