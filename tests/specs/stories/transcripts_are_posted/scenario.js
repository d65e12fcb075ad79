require(Modules.OpenAI);
// Everything that was said goes to the CRM before the session ends.
const lines = [];
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, async ({ duration }) => {
    const postData = JSON.stringify({ from: call.callerid(), duration, lines });
    const { code } = await Net.httpRequestAsync('https://crm.example.com/transcripts', { method: 'POST', postData, headers: ['Content-Type: application/json'] });
    Logger.write(`${lines.length} lines: ${code}`);
    VoxEngine.terminate();
  });
  call.answer();
  const client = await OpenAI.createRealtimeAPIClient({ apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime' });
  const E = OpenAI.RealtimeAPIEvents;
  client.addEventListener(E.SessionCreated, () => client.sessionUpdate({ session: { type: 'realtime', audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } } } }));
  client.addEventListener(E.SessionUpdated, () => { VoxEngine.sendMediaBetween(call, client); client.responseCreate({}); });
  client.addEventListener(E.ConversationItemInputAudioTranscriptionCompleted, ({ data }) => lines.push(`caller: ${data.payload.transcript}`));
  client.addEventListener(E.ResponseOutputAudioTranscriptDone, ({ data }) => lines.push(`agent: ${data.payload.transcript}`));
});
