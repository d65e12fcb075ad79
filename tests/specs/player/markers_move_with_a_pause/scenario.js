// A marker waits while its player is paused, one that lies behind is not reached, and a player that repeats reaches its own
// in each round.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const began = Date.now();
    const told = (who) => (e) => Logger.write(`${who} ${e.name} ${Date.now() - began} ${e.offset ?? ""}`);
    call.addEventListener(CallEvents.Connected, () => {
        const player = VoxEngine.createTTSPlayer("please hold the line for a moment");
        player.addEventListener(PlayerEvents.Started, told("once"));
        player.addEventListener(PlayerEvents.PlaybackMarkerReached, told("once"));
        player.addMarker(1000);
        player.addMarker(-200);
        player.addMarker(90000);
        player.sendMediaTo(call);
        setTimeout(() => player.pause(), 800);
        setTimeout(() => player.addMarker(100), 900);
        setTimeout(() => player.resume(), 1800);
        player.addEventListener(PlayerEvents.PlaybackFinished, () => {
            const tone = VoxEngine.createToneScriptPlayer("440@-19;0.5(0.5/0/1)", true);
            tone.addMarker(100);
            tone.addEventListener(PlayerEvents.PlaybackMarkerReached, told("round"));
            tone.sendMediaTo(call);
            setTimeout(() => call.hangup(), 1300);
        });
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
