// Twenty seconds of talk, a warning five seconds before the end, in the middle of the conversation.
var MAX = 20, call1, call2;
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  call1 = e.call;
  call2 = VoxEngine.callPSTN(e.destination, e.callerid);
  VoxEngine.easyProcess(call1, call2, function () {
    setTimeout(function () {
      var warning = VoxEngine.createTTSPlayer('Five seconds left', Language.US_ENGLISH_MALE);
      warning.addEventListener(PlayerEvents.Started, function () { Logger.write('warned'); });
      warning.addEventListener(PlayerEvents.PlaybackFinished, function () { VoxEngine.sendMediaBetween(call1, call2); });
      warning.sendMediaTo(call1);
    }, (MAX - 5) * 1000);
    setTimeout(function () { Logger.write('time is up'); call1.hangup(); }, MAX * 1000);
  });
});
