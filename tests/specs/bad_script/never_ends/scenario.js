VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    setInterval(() => { }, 1000);
    call.answer();
});
