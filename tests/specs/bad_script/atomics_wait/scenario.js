VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0);
});
