// The caller hears it ring before the answer, then a busy tone as a player of its own; wrong tones are named.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    ["FR", {}].forEach((country) => {
        try {
            call.playProgressTone(country);
        } catch (error) {
            Logger.write(String(error));
        }
    });
    call.startEarlyMedia();
    call.playProgressTone("RU");
    setTimeout(() => call.answer(), 7000);
    call.addEventListener(CallEvents.Connected, () => {
        call.stopPlayback();
        const busy = VoxEngine.createToneScriptPlayer("480@-19,620@-19;2(.5/.5/1+2)");
        ["Created", "PlaybackReady", "Started", "PlaybackFinished"].forEach((event) => {
            busy.addEventListener(PlayerEvents[event], (e) => Logger.write(`${e.name} ${e.duration}`));
        });
        busy.addEventListener(PlayerEvents.PlaybackFinished, () => call.hangup());
        busy.sendMediaTo(call);
        const wrong = VoxEngine.createToneScriptPlayer("beep");
        wrong.addEventListener(PlayerEvents.PlaybackFinished, (e) => Logger.write(e.error));
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
