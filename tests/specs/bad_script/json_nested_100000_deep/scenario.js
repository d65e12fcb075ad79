VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    JSON.parse('['.repeat(100000) + ']'.repeat(100000));
});
