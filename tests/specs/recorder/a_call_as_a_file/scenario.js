// Both sides of the call lie in one file, from the moment it is connected to its end.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.record({ hd_audio: true, name: "support" });
    call.addEventListener(CallEvents.RecordStarted, (e) => Logger.write(`${e.name} ${e.url}`));
    call.addEventListener(CallEvents.RecordStopped, (e) => {
        Logger.write(`${e.name} ${e.url} ${e.duration} ${e.cost}`);
        VoxEngine.terminate();
    });
    call.addEventListener(CallEvents.Connected, () => call.say("this call is recorded"));
    call.addEventListener(CallEvents.PlaybackFinished, () => setTimeout(() => call.hangup(), 6000));
    call.answer();
});
