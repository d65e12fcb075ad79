require(Modules.OpenAI);
require(Modules.Cartesia);
// The model asks for an order by a function, the backend answers over HTTP, and Cartesia speaks.
const TOOLS = [{ type: 'function', name: 'order_status', description: 'Where an order is',
  parameters: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } }];
const speech = (transcript) => ({ model_id: 'sonic-3', transcript, language: 'en', context_id: `t-${transcript.length}`, continue: false,
  voice: { mode: 'id', id: 'a0e99841-438c-4a64-b679-ae501e7d6091' } });
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  let player;
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
  const client = await OpenAI.createRealtimeAPIClient({ apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime' });
  const on = (name, heard) => client.addEventListener(OpenAI.RealtimeAPIEvents[name], ({ data }) => heard(data.payload));
  on('SessionCreated', () => client.sessionUpdate({ session: { type: 'realtime', output_modalities: ['text'], tools: TOOLS, tool_choice: 'auto' } }));
  on('SessionUpdated', () => { call.sendMediaTo(client); client.responseCreate({}); });
  on('ResponseOutputTextDone', ({ text }) => {
    if (player) return player.generationRequest(speech(text));
    player = Cartesia.createRealtimeTTSPlayer(text, { generationRequestParameters: speech(text) });
    player.sendMediaTo(call);
  });
  on('ResponseFunctionCallArgumentsDone', async ({ call_id, name, arguments: text }) => {
    const { id } = JSON.parse(text);
    const { code, text: body } = await Net.httpRequestAsync(`https://shop.example.com/orders/${encodeURIComponent(id)}`);
    Logger.write(`${name} ${id}: ${code}`);
    client.conversationItemCreate({ item: { type: 'function_call_output', call_id, output: code === 200 ? body : '{"error":"unknown"}' } });
    client.responseCreate({});
  });
  on('InputAudioBufferSpeechStarted', () => { client.clearMediaBuffer(); player?.clearBuffer(); });
});
