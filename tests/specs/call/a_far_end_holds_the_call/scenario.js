// Music while the other side holds the call.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let music;
    const operator = VoxEngine.callUser({ username: "operator", callerid: call.callerid() });
    operator.addEventListener(CallEvents.Connected, () => {
        call.answer();
        VoxEngine.sendMediaBetween(call, operator);
    });
    operator.addEventListener(CallEvents.OnHold, (e) => {
        Logger.write(e.name);
        music = VoxEngine.createTTSPlayer("you are on hold");
        music.sendMediaTo(call);
    });
    operator.addEventListener(CallEvents.OffHold, (e) => {
        Logger.write(e.name);
        music.stop();
        VoxEngine.sendMediaBetween(call, operator);
        setTimeout(() => operator.hangup(), 1000);
    });
    operator.addEventListener(CallEvents.Disconnected, () => call.hangup());
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
