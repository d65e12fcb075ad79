// A dialler's task: where it stands and how it ended, by callback, by promise, and under the older name.
VoxEngine.addEventListener(AppEvents.Started, async () => {
    const task = JSON.parse(VoxEngine.customData());
    CallList.reportProgress(`calling ${task.phone}`, (result) => Logger.write(`progress ${result.code} ${result.text}`));
    VoxEngine.CallList.reportError({ result: false, msg: "busy" }, (result) => Logger.write(`error ${result.code}`));
    const { code } = await CallList.reportResultAsync({ duration: 3 });
    Logger.write(`result ${code}`);
    CallList.requestNextAttempt({ start_at: "2026-01-02 10:00:00" });
    try {
        CallList.reportResult({}, "no function");
    } catch (error) {
        Logger.write(String(error));
    }
    setTimeout(VoxEngine.terminate, 500);
});
