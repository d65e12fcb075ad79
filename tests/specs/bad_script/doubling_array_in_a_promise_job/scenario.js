VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
    call.answer();
    await null;
    let list = [1];
    for (;;) list = list.concat(list);
});
