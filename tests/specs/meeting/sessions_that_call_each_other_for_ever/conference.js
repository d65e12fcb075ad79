// Calls the next one as soon as it is called.
VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
    e.call.answer();
    const number = Number(e.destination.slice(4)) + 1;
    const call = VoxEngine.callConference(`room${number}`, "100");
    call.addEventListener(CallEvents.Failed, (failed) => {
        Logger.write(`room${number} ${failed.code} ${failed.reason}`);
        VoxEngine.terminate();
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
