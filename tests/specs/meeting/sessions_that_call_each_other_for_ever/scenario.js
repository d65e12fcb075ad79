// Each session calls another one: after fifty the world refuses, and says so.
const next = (number) => {
    const call = VoxEngine.callConference(`room${number}`, "100");
    call.addEventListener(CallEvents.Failed, (e) => {
        Logger.write(`room${number} ${e.code}`);
        VoxEngine.terminate();
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
};
VoxEngine.addEventListener(AppEvents.Started, () => {
    if (VoxEngine.customData() === "first") next(1);
});
