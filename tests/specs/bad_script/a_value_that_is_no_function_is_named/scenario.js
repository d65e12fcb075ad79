// What is no function and no member of ours is named as the script names it.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const settings = { answer: 5 };
    call.foo;
    settings.answer();
});
