require(Modules.ACD);
// Music until an operator is free; the caller is told what it waits for.
var request, music;
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  var call = e.call;
  call.addEventListener(CallEvents.Connected, function () {
    request = VoxEngine.enqueueACDRequest('support', call.callerid(), { priority: 50 });
    request.addEventListener(ACDEvents.Queued, function () { Logger.write('queued'); request.getStatus(); music = VoxEngine.createToneScriptPlayer('440@-19;3(0.5/0.5/1)', true); music.sendMediaTo(call); });
    request.addEventListener(ACDEvents.Waiting, function (w) { Logger.write('position ' + w.position); });
    request.addEventListener(ACDEvents.OperatorReached, function (o) {
      music.stop();
      VoxEngine.sendMediaBetween(o.operatorCall, call);
      Logger.write('operator');
      o.operatorCall.addEventListener(CallEvents.Disconnected, function () { call.hangup(); });
    });
    request.addEventListener(ACDEvents.Offline, function () { music && music.stop(); call.say('Nobody works now'); call.addEventListener(CallEvents.PlaybackFinished, function () { call.hangup(); }); });
    request.addEventListener(ACDEvents.Error, function () { call.hangup(); });
  });
  call.addEventListener(CallEvents.Disconnected, function () { request && request.cancel(); VoxEngine.terminate(); });
  call.answer();
});
