VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    const heap = [];
    for (;;) heap.push(new Array(1000).fill(0));
});
