VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    const heap = [];
    for (;;) heap.push({ text: 'x'.repeat(1000) + heap.length });
});
