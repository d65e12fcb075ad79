// The caller is on the left, the agent on the right, also in a recording that begins late.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.RecordStarted, (e) => Logger.write(`${e.name} ${e.url}`));
    call.addEventListener(CallEvents.RecordStopped, (e) => {
        Logger.write(`${e.name} ${e.url} ${e.duration} ${e.cost}`);
        VoxEngine.terminate();
    });
    call.addEventListener(CallEvents.Connected, () => {
        call.say("before it");
        call.addEventListener(CallEvents.PlaybackFinished, begin);
    });
    const begin = () => {
        call.removeEventListener(CallEvents.PlaybackFinished, begin);
        call.record({ stereo: true });
        call.say("this call is recorded");
        call.addEventListener(CallEvents.PlaybackFinished, () => setTimeout(() => call.hangup(), 6000));
    };
    call.answer();
});
