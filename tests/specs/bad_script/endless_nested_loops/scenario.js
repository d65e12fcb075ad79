VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    for (;;) for (let i = 0; i < 1000; i++) for (let k = 0; k < 1000; k++) { }
});
