// A caller is bridged to somebody who is called. Whoever leaves first ends both legs; a callee that cannot be reached is
// told to the caller by the status of the refusal.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const callee = VoxEngine.callPSTN("15550000042", call.callerid());
    Logger.write(`${callee.state()} ${callee.number()} ${callee.incoming()}`);
    callee.addEventListener(CallEvents.Ringing, () => {
        Logger.write("Ringing");
        call.ring();
    });
    callee.addEventListener(CallEvents.AudioStarted, (e) => Logger.write(`AudioStarted ${e.code}`));
    callee.addEventListener(CallEvents.Connected, (e) => {
        Logger.write(`Connected ${e.call === callee}`);
        call.answer();
        VoxEngine.sendMediaBetween(call, callee);
    });
    callee.addEventListener(CallEvents.Failed, (e) => {
        Logger.write(`Failed ${e.code} ${e.reason}`);
        call.reject(e.code);
    });
    callee.addEventListener(CallEvents.Disconnected, () => call.hangup());
    call.addEventListener(CallEvents.Disconnected, () => {
        callee.hangup();
        VoxEngine.terminate();
    });
});
