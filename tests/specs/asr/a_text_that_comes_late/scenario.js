require(Modules.ASR);
// The text comes long after the speech: what the scenario does when the speech has ended comes first.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let ended = 0;
    const asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US });
    asr.addEventListener(ASREvents.SpeechCaptured, () => { ended = Date.now(); });
    asr.addEventListener(ASREvents.Result, ({ text }) => {
        Logger.write(`${text} after ${Date.now() - ended} ms`);
        call.hangup();
    });
    call.addEventListener(CallEvents.Connected, () => call.sendMediaTo(asr));
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
