require(Modules.OpenAI);
// The provider closes in the middle; the scenario connects again, tells the model what was said, and goes on.
const said = [];
let attempts = 0;
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.addEventListener(CallEvents.Connected, () => connect(call));
  call.answer();
});
async function connect(call) {
  attempts += 1;
  if (attempts > 3) return call.hangup();
  try {
    const client = await OpenAI.createRealtimeAPIClient({ apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime',
      onWebSocketClose: () => { Logger.write(`attempt ${attempts} is over`); setTimeout(() => connect(call), 500); } });
    client.addEventListener(OpenAI.RealtimeAPIEvents.SessionCreated, () => {
      said.forEach((text) => client.conversationItemCreate({ item: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] } }));
      VoxEngine.sendMediaBetween(call, client);
      client.responseCreate({});
    });
    client.addEventListener(OpenAI.RealtimeAPIEvents.ResponseOutputAudioTranscriptDone, ({ data }) => said.push(data.payload.transcript));
  } catch (error) {
    Logger.write(error.message);
    call.hangup();
  }
}
