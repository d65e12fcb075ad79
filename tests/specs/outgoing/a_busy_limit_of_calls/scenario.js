// Two hundred calls: ten may ring at a time, the others fail at once.
VoxEngine.addEventListener(AppEvents.Started, () => {
    let failed = 0;
    for (let n = 0; n < 200; n++) {
        VoxEngine.callPSTN(`1555${n}`, "100").addEventListener(CallEvents.Failed, (e) => {
            if (e.code === 403) failed += 1;
        });
    }
    setTimeout(() => {
        Logger.write(`${failed} failed with 403`);
        VoxEngine.terminate();
    }, 1000);
});
