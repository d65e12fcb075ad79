// With singleUtterance nothing is heard after the first result; stop() says how long it was.
require(Modules.ASR);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US, singleUtterance: true });
    asr.addEventListener(ASREvents.Result, (e) => {
        Logger.write(e.text);
        call.say("go on");
    });
    asr.addEventListener(ASREvents.Stopped, (e) => {
        Logger.write(`${typeof e.cost} ${typeof e.duration}`);
        VoxEngine.terminate();
    });
    call.addEventListener(CallEvents.Connected, () => call.sendMediaTo(asr));
    call.answer();
});
