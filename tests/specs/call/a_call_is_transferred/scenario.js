// The operator's phone is told to call somebody else, and hangs up when that has come about.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const operator = VoxEngine.callUser({ username: "operator", callerid: call.callerid() });
    operator.addEventListener(CallEvents.Connected, () => {
        call.answer();
        VoxEngine.sendMediaBetween(call, operator);
        setTimeout(() => operator.transferTo({ to: "sip:desk@example.com", call, headers: { "X-Why": "moved" } }), 2000);
    });
    operator.addEventListener(CallEvents.TransferComplete, (e) => Logger.write(`${e.name} ${e.role}`));
    operator.addEventListener(CallEvents.TransferFailed, (e) => Logger.write(`${e.name} ${e.code}`));
    operator.addEventListener(CallEvents.Disconnected, (e) => {
        Logger.write(`operator ${e.reason}`);
        call.hangup();
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
