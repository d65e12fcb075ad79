// A second text takes the place of the first, and stopPlayback() ends it: neither says that it finished. stop() of a player
// says Stopped.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.PlaybackFinished, () => Logger.write("finished"));
    call.addEventListener(CallEvents.PlaybackStarted, () => Logger.write("started"));
    call.addEventListener(CallEvents.Connected, () => {
        call.say("the first text is long and never heard to its end");
        setTimeout(() => call.say("the second text is not heard to its end either"), 1500);
        setTimeout(() => call.stopPlayback(), 3500);
        setTimeout(() => {
            const player = VoxEngine.createTTSPlayer("and a player that is stopped before it ends");
            player.addEventListener(PlayerEvents.Stopped, (e) => Logger.write(e.name));
            player.addEventListener(PlayerEvents.PlaybackFinished, (e) => Logger.write(e.name));
            player.sendMediaTo(call);
            setTimeout(() => player.stop(), 1500);
            setTimeout(() => player.stop(), 1600);
        }, 4000);
        setTimeout(() => call.hangup(), 8000);
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
