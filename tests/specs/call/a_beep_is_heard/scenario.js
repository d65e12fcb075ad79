// An answering machine beeps, and the message is left after it; a person does not, and the wait ends; a frequency that does
// not come is waited for in vain until the call ends.
const reach = (number, options) => new Promise((done) => {
    const call = VoxEngine.callPSTN(number, "15550009999");
    const began = Date.now();
    call.addEventListener(CallEvents.Connected, () => call.enableBeepDetection(options));
    call.addEventListener(CallEvents.BeepDetectionComplete, (e) => {
        Logger.write(`${number} ${Date.now() - began} ${JSON.stringify(e.frequencies)} ${e.timeout}`);
        call.say("this is a message for you");
    });
    call.addEventListener(CallEvents.PlaybackFinished, () => setTimeout(() => call.hangup(), 500));
    call.addEventListener(CallEvents.Disconnected, () => done(Logger.write(`${number} over`)));
});
VoxEngine.addEventListener(AppEvents.Started, async () => {
    await reach("machine", {});
    await reach("person", { timeout: 3000 });
    await reach("other", { frequencies: [1400, 1500] });
    const call = VoxEngine.callPSTN("machine", "15550009999");
    call.addEventListener(CallEvents.Connected, () => {
        call.enableBeepDetection({ timeout: 4000 });
        call.disableBeepDetection();
        setTimeout(() => call.hangup(), 9000);
    });
    call.addEventListener(CallEvents.BeepDetectionComplete, () => Logger.write("nobody listens for this"));
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
