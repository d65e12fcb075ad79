VoxEngine.addEventListener(AppEvents.Started, () => {
    const cyclic = {};
    cyclic.self = cyclic;
    const tries = [
        () => VoxEngine.callPSTN(),
        () => VoxEngine.callPSTN(""),
        () => VoxEngine.callPSTN({ number: "1" }, "2"),
        () => VoxEngine.callPSTN("1", "2", cyclic),
        () => VoxEngine.callSIP(null),
        () => VoxEngine.callUser(),
        () => VoxEngine.callUser({ callerid: "1" }),
    ];
    for (const attempt of tries) {
        try {
            attempt();
            Logger.write("taken");
        } catch (error) {
            Logger.write(error.message);
        }
    }
    VoxEngine.terminate();
});
