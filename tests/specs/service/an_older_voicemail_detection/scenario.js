// The older detection: a promise that is kept for machines only, and events of the call.
require(Modules.AI);
const dial = (number) => {
    const call = VoxEngine.callPSTN(number, "15550100000");
    call.addEventListener(AI.Events.VoicemailDetected, (e) => Logger.write(`${number} event detected ${e.confidence} ${e.call === call}`));
    call.addEventListener(AI.Events.VoicemailNotDetected, (e) => Logger.write(`${number} event not detected ${e.call === call}`));
    call.addEventListener(CallEvents.Connected, () => {
        AI.detectVoicemail(call, { model: "colombia", threshold: 0.8 }).then(
            (e) => { Logger.write(`${number} machine ${e.name}`); call.hangup(); },
            (e) => { Logger.write(`${number} ${e.message}`); call.hangup(); },
        );
    });
    return call;
};
VoxEngine.addEventListener(AppEvents.Started, () => {
    try { AI.detectVoicemail("nobody"); } catch (error) { Logger.write(error.message); }
    dial("15550000001").addEventListener(CallEvents.Disconnected, () => {
        dial("15550000002").addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    });
});
