// Three phones ask to be transferred: one is, one is told that it failed, and of one the script does not hear.
const calls = [];
const reach = (username, then) => {
    const call = VoxEngine.callUser({ username, callerid: "1000" });
    calls.push(call);
    call.addEventListener(CallEvents.Connected, () => {
        if (then) call.handleBlindTransfer(true);
    });
    call.addEventListener(CallEvents.BlindTransferRequested, (e) => {
        Logger.write(`${username} ${e.name} ${e.transferTo}`);
        then(call);
    });
    call.addEventListener(CallEvents.Disconnected, (e) => {
        Logger.write(`${username} ${e.reason}`);
        calls.splice(calls.indexOf(call), 1);
        if (calls.length === 0) VoxEngine.terminate();
    });
};
VoxEngine.addEventListener(AppEvents.Started, () => {
    reach("first", (call) => call.notifyBlindTransferSuccess());
    reach("second", (call) => call.notifyBlindTransferFailed(486, "Busy Here"));
    reach("third");
    setTimeout(() => calls.forEach((call) => call.hangup()), 20000);
});
