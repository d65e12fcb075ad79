// Everything that a call answers at once, before, during and after.
require(Modules.ASR);
const shown = (call) => {
    const { length } = call.id();
    return [
        length > 0, call.number(), call.callerid(), call.displayName(), call.clientType(), call.incoming(), call.state(),
        call.vad(), call.customData(), call.toString() === `Call ${call.id()}`,
    ].join(" ");
};
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    Logger.write(shown(call));
    call.ring();
    call.customData("kept with the call");
    call.addEventListener(CallEvents.Connected, () => {
        const asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US });
        call.sendMediaTo(asr);
        Logger.write(shown(call));
        asr.addEventListener(ASREvents.Result, () => Logger.write("removed"));
        asr.addEventListener(ASREvents.Stopped, (e) => Logger.write(`${e.name} ${e.asr.id() === asr.id()}`));
        asr.removeEventListener(ASREvents.Result);
        setTimeout(() => {
            asr.stop();
            Logger.write(shown(call));
            call.hangup();
        }, 4000);
    });
    call.addEventListener(CallEvents.Disconnected, () => {
        Logger.write(shown(call));
        call.decline(486);
        VoxEngine.terminate();
    });
    setTimeout(() => call.answer(), 500);
});
