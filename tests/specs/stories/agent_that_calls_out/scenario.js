require(Modules.OpenAI);
// Started by the API with a task: calls the guest, and the model speaks with its own voice.
VoxEngine.addEventListener(AppEvents.Started, async () => {
  const { phone, guest, table } = JSON.parse(VoxEngine.customData());
  const call = VoxEngine.callPSTN(phone, '15550100100');
  call.addEventListener(CallEvents.Failed, ({ code }) => { Logger.write(`not reached: ${code}`); VoxEngine.terminate(); });
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  const client = await OpenAI.createRealtimeAPIClient({ apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime' });
  const updated = new Promise((done) => client.addEventListener(OpenAI.RealtimeAPIEvents.SessionUpdated, done));
  client.sessionUpdate({ session: { type: 'realtime', instructions: `Confirm the table ${table} of ${guest}.`, audio: { output: { voice: 'marin' } } } });
  const connected = new Promise((done) => call.addEventListener(CallEvents.Connected, done));
  await Promise.all([updated, connected]);
  VoxEngine.sendMediaBetween(call, client);
  client.responseCreate({});
  client.addEventListener(OpenAI.RealtimeAPIEvents.ResponseOutputAudioTranscriptDone, (e) => Logger.write(e.data.payload.transcript));
});
