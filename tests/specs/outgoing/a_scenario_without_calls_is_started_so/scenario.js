// It listens for its start and for no call, so it is started without one, and a note says so.
VoxEngine.addEventListener(AppEvents.Started, () => {
    const call = VoxEngine.callPSTN("15550000042", "15550000001");
    call.addEventListener(CallEvents.Failed, (e) => {
        Logger.write(`${e.code}`);
        VoxEngine.terminate();
    });
});
