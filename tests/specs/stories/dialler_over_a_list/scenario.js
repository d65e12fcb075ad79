// Обзвон: звоним по списку, каждому по два раза, человеку проигрываем текст, автоответчику - ничего.
require(Modules.AMD);
var list, i = 0, attempts = {}, results = {}, currentCall;
VoxEngine.addEventListener(AppEvents.Started, function (e) {
  try { list = JSON.parse(VoxEngine.customData()).numbers; } catch (err) { Logger.write('bad custom data: ' + err.message); VoxEngine.terminate(); return; }
  makeCall();
});
function makeCall() {
  if (i >= list.length) { Logger.write(JSON.stringify(results)); VoxEngine.terminate(); return; }
  number = list[i];
  attempts[number] = (attempts[number] || 0) + 1;
  var amd = AMD.create({ model: AMD.Model ? AMD.Model.US : 'us', timeout: 5000 });
  amd.addEventListener(AMD.Events.DetectionComplete, onDetected);
  currentCall = VoxEngine.callPSTN(number, '+15550100000', { amd: amd });
  currentCall.addEventListener(CallEvents.Connected, onConnected);
  currentCall.addEventListener(CallEvents.Failed, onFailed);
  currentCall.addEventListener(CallEvents.Disconnected, onDisconnected);
}
function onConnected(e) { Logger.write('connected ' + e.call.number()); }
function onDetected(e) {
  results[number] = e.resultClass;
  if (e.resultClass === AMD.ResultClass.HUMAN || e.resultClass === 'HUMAN') {
    e.call.say('You have an appointment tomorrow', Language.US_ENGLISH_FEMALE);
    e.call.addEventListener(CallEvents.PlaybackFinished, function () { e.call.hangup(); });
  } else { e.call.hangup(); }
}
function onFailed(e) {
  Logger.write('failed ' + e.call.number() + ' ' + e.code);
  if (attempts[number] < 2) { setTimeout(makeCall, 5000); return; }
  results[number] = e.code;
  i++; makeCall();
}
function onDisconnected() { i++; makeCall(); }
