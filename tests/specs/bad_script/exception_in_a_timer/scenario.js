VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.answer();
    setTimeout(() => {
        call.noSuchMethod();
    }, 1500);
});
