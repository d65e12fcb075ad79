// What the caller says comes word by word, then as a whole, each time it pauses, until the recogniser is stopped.
require(Modules.ASR);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US, interimResults: true, request: { about: [{ call }] } });
    Logger.write(`${asr.language() === ASRProfileList.Google.en_US} ${asr.dictionary()}`);
    Object.entries(ASREvents).forEach(([, name]) => asr.addEventListener(name, (e) => {
        Logger.write(`${e.name} ${e.text} ${e.confidence} ${e.asr === asr}`);
    }));
    asr.addEventListener(ASREvents.Result, (e) => call.say(`you said ${e.text}`));
    asr.addEventListener(ASREvents.Stopped, VoxEngine.terminate);
    call.addEventListener(CallEvents.Connected, () => call.sendMediaTo(asr));
    call.answer();
});
