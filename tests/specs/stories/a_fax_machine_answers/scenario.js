// Whoever calls the fax line hears its tone three times.
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  var call = e.call;
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.addEventListener(CallEvents.Connected, function () {
    var tone = VoxEngine.createToneScriptPlayer('2100@-18;3(0.5/0.5/1)', { progressivePlayback: true });
    tone.addEventListener(PlayerEvents.PlaybackFinished, function () { Logger.write('sent'); call.hangup(); });
    tone.sendMediaTo(call);
  });
  call.answer();
});
