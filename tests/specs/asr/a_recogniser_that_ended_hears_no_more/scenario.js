// Nobody is sent to it any more: it has ended, and what is sent to it later does nothing.
require(Modules.ASR);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US });
    ["CaptureStarted", "SpeechCaptured", "Result"].forEach((name) => {
        asr.addEventListener(ASREvents[name], (e) => Logger.write(e.name));
    });
    call.addEventListener(CallEvents.Connected, () => {
        call.sendMediaTo(asr);
        call.stopMediaTo(asr);
        call.sendMediaTo(asr);
    });
    asr.addEventListener(ASREvents.Stopped, (e) => Logger.write(e.name));
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
