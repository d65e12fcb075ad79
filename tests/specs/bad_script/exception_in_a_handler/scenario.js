VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    null.here();
});
