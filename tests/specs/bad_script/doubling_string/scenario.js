VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
    call.answer();
    await null;
    let text = 'x';
    for (;;) {
        text += text;
    }
});
