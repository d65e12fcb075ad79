const again = () => Promise.resolve().then(again);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.answer();
    again();
});
