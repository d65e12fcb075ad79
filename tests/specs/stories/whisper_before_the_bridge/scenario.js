// The agent hears who is calling before the two are put together, and may refuse with 9.
const NAMES = { 15551230001: 'a customer from the list' };
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.startEarlyMedia();
  call.playProgressTone('US');
  const agent = VoxEngine.callPSTN('15550100300', call.callerid());
  agent.handleTones(true);
  agent.addEventListener(CallEvents.Failed, () => call.reject(480));
  agent.addEventListener(CallEvents.Disconnected, () => call.hangup());
  agent.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
    if (tone === '9') { Logger.write('refused'); call.reject(603); agent.hangup(); }
  });
  agent.addEventListener(CallEvents.Connected, () => {
    agent.say(`${NAMES[call.callerid()] || 'somebody unknown'} is calling`);
    agent.addEventListener(CallEvents.PlaybackFinished, () => {
      call.stopPlayback();
      call.answer();
      VoxEngine.sendMediaBetween(call, agent);
    });
  });
});
