// What is no timer can be cleared, in the last handlers too.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const timer = setInterval(() => Logger.write("tick"), 200);
    [undefined, null, "", "timer", false, true, {}, [], () => {}, NaN, -1, 1e300, Symbol.iterator, 10n].forEach((id) => {
        clearTimeout(id);
        clearInterval(id);
    });
    clearTimeout();
    setTimeout(() => clearInterval(String(timer)), 500);
    call.addEventListener(CallEvents.Disconnected, () => {
        clearTimeout("gone");
        clearInterval({ timer });
        Logger.write("cleaned up");
        VoxEngine.terminate();
    });
    call.answer();
});
