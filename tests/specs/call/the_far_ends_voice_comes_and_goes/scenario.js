// The script hangs up when nobody speaks for two seconds.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let silence;
    call.addEventListener(CallEvents.Connected, () => {
        call.handleMicStatus(true);
        call.say("please speak");
    });
    call.addEventListener(CallEvents.MicStatusChange, (e) => {
        Logger.write(`${e.name} ${e.active} ${e.call === call}`);
        clearTimeout(silence);
        if (!e.active) silence = setTimeout(() => {
            call.handleMicStatus(false);
            call.hangup();
        }, 2000);
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
