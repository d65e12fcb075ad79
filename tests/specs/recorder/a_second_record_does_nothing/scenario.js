// A call is recorded once; a call that is over is not.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Connected, () => {
        call.record();
        call.record({ stereo: true });
        setTimeout(() => call.hangup(), 2000);
    });
    ["RecordStarted", "RecordStopped"].forEach((name) => call.addEventListener(CallEvents[name], (e) => Logger.write(e.name)));
    call.addEventListener(CallEvents.Disconnected, () => {
        call.record();
        setTimeout(VoxEngine.terminate, 100);
    });
    call.answer();
});
