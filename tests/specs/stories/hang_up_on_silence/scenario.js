// Nobody speaks for six seconds: the line is given up. Each word starts the clock again.
require(Modules.ASR);
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  var call = e.call, timer, asr;
  function restart() {
    clearTimeout(timer);
    timer = setTimeout(function () { Logger.write('silence'); asr.stop(); call.hangup(); }, 6000);
  }
  call.addEventListener(CallEvents.Connected, function () {
    asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US, interimResults: true });
    asr.addEventListener(ASREvents.CaptureStarted, restart);
    asr.addEventListener(ASREvents.InterimResult, restart);
    asr.addEventListener(ASREvents.Result, function (r) { Logger.write('heard: ' + r.text); restart(); });
    call.sendMediaTo(asr);
    restart();
  });
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
});
