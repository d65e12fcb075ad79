// The shortest way to forward a call: both legs are bridged, and the end of one ends all.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
    const callee = VoxEngine.callPSTN("15550000042", callerid);
    VoxEngine.easyProcess(call, callee, (incoming, outgoing) => {
        Logger.write(`established ${incoming === call} ${outgoing === callee}`);
    });
});
