require(Modules.OpenAI);
// When the model cannot be reached the caller hears it and is put through to the office.
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  call.answer();
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  try {
    await OpenAI.createRealtimeAPIClient({ apiKey: 'sk-none', model: 'gpt-realtime' });
  } catch (error) {
    Logger.write('no model: ' + error.message);
    call.say('One moment please');
    call.addEventListener(CallEvents.PlaybackFinished, () => {
      const office = VoxEngine.callPSTN('15550000001', call.callerid());
      VoxEngine.sendMediaBetween(call, office);
      [CallEvents.Failed, CallEvents.Disconnected].forEach((event) => office.addEventListener(event, () => call.hangup()));
    });
  }
});
