// The callee is busy: the session ends, and with it the first leg. The code of the refusal is not passed on.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
    VoxEngine.easyProcess(call, VoxEngine.callPSTN("15550000042", callerid), () => Logger.write("established"));
    call.addEventListener(CallEvents.Disconnected, (e) => Logger.write(`${e.internalCode}`));
});
