// Started by the API: the number is the custom data. An answer is waited for as long as the header says.
VoxEngine.addEventListener(AppEvents.Started, () => {
    const user = VoxEngine.callUser({ username: "alice", callerid: "100", extraHeaders: { "VI-CallTimeout": "15" } });
    user.addEventListener(CallEvents.Failed, (e) => {
        Logger.write(`Failed ${e.code} ${e.call.state()}`);
        VoxEngine.terminate();
    });
});
