require(Modules.OpenAI);
// The caller says nothing: after four seconds of silence the agent asks again, twice, and then gives up.
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  let timer, asked = 0;
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
  const client = await OpenAI.createRealtimeAPIClient({ apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime' });
  const E = OpenAI.RealtimeAPIEvents;
  client.addEventListener(E.SessionCreated, () => { VoxEngine.sendMediaBetween(call, client); client.responseCreate({}); });
  client.addEventListener(OpenAI.Events.WebSocketMediaStarted, () => clearTimeout(timer));
  client.addEventListener(E.InputAudioBufferSpeechStarted, () => { clearTimeout(timer); asked = 0; });
  client.addEventListener(OpenAI.Events.WebSocketMediaEnded, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      asked += 1;
      Logger.write(`asked ${asked}`);
      if (asked > 2) return call.hangup();
      client.responseCreate({ instructions: 'Ask whether the caller is still there.' });
    }, 4000);
  });
});
