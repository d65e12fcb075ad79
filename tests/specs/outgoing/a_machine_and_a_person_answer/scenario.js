// A dialler that hangs up on machines: by the option of the call and by detect(); one is silent, one hangs up at once, one detector
// has no call.
const dial = (number, check) => {
    const amd = AMD.create({ model: AMD.Model.US, timeout: 6500 });
    amd.addEventListener(AMD.Events.DetectionComplete, (e) => {
        Logger.write(`${number} ${e.resultClass} ${e.resultSubtype} ${e.amd === amd} ${e.call.id() === e.callId}`);
        e.call.hangup();
    });
    const call = VoxEngine.callPSTN(number, "100", { amd });
    return call;
};
VoxEngine.addEventListener(AppEvents.Started, async () => {
    ["machine", "person", "silent", "short"].forEach((number) => dial(number));
    try {
        await AMD.create({ model: AMD.Model.US }).detect();
    } catch (error) {
        Logger.write(String(error));
    }
    try {
        AMD.create();
    } catch (error) {
        Logger.write(String(error));
    }
    const call = VoxEngine.callPSTN("machine", "100");
    call.addEventListener(CallEvents.Connected, async () => {
        const detector = AMD.create({ model: AMD.Model.US, call });
        const { resultClass } = await detector.detect();
        Logger.write(`by promise ${resultClass}`);
        setTimeout(VoxEngine.terminate, 10000);
    });
});
