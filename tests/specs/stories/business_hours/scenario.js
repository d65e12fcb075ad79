// Mo-Fr 9-18 in New York, otherwise a message and the tone of a machine.
const hourIn = (zone) => getLocalTime(zone, new Date()).getHours();
VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  const hour = hourIn('America/New_York'), day = new Date().getUTCDay();
  const open = hour >= 9 && hour < 18 && day >= 1 && day <= 5;
  Logger.write(`hour ${hour} day ${day} ${open ? 'open' : 'closed'}`);
  e.call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  e.call.addEventListener(CallEvents.Connected, () => {
    e.call.say(open ? 'We are open' : 'We are closed. Call on Monday');
    e.call.addEventListener(CallEvents.PlaybackFinished, () => e.call.hangup());
  });
  e.call.answer();
});
