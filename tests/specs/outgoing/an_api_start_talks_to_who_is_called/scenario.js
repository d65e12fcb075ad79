VoxEngine.addEventListener(AppEvents.Started, () => {
    const call = VoxEngine.callPSTN(VoxEngine.customData(), undefined);
    call.addEventListener(CallEvents.Connected, () => {
        Logger.write(`${call.state()} ${call.clientType()}`);
        call.sendMediaTo(call);
        setTimeout(() => call.hangup(), 8000);
    });
    call.addEventListener(CallEvents.Disconnected, (e) => {
        Logger.write(`${e.internalCode} after ${e.duration} s`);
        VoxEngine.terminate();
    });
});
