VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.answer();
    let fired = 0;
    for (let i = 0; i < 1000; i++) setTimeout(() => { fired += 1; }, 1000);
    call.addEventListener(CallEvents.Disconnected, () => {
        Logger.write(`${fired} fired`);
        VoxEngine.terminate();
    });
});
