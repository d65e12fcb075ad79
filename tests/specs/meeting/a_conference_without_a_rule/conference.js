// A conference that takes nobody.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.reject(486);
    VoxEngine.terminate();
});
