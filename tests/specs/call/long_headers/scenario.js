// Headers that are too long by themselves, or together, go out whole and are told of.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`X-Number-${n}`, "y".repeat(150)]));
    const callee = VoxEngine.callPSTN("15550000042", call.callerid(), { extraHeaders: { "X-Long": "x".repeat(300), "X-Short": "fine" } });
    callee.addEventListener(CallEvents.Connected, () => {
        call.answer(many);
        callee.hangup({ "X-Why": "done" });
    });
    callee.addEventListener(CallEvents.Disconnected, () => call.hangup());
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
