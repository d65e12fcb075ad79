// The session is ending when this call is placed: it is not, and the journal says so. The script is none the worse.
VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.terminate());
VoxEngine.addEventListener(AppEvents.Terminating, () => {
    const call = VoxEngine.callPSTN("15550000042", "100");
    call.addEventListener(CallEvents.Connected, () => Logger.write("never"));
    Logger.write(`placed too late: ${call.state()}`);
});
VoxEngine.addEventListener(AppEvents.Terminated, () => Logger.write("the end"));
