// Only declares: functions that several scenarios use.
function isOpen(date) {
  const hour = date.getHours();
  return hour >= CONFIG.hours[0] && hour < CONFIG.hours[1];
}
function sayAndHangUp(call, text) {
  call.say(text);
  call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
}
