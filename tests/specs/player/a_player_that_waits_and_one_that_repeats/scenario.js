// A player that waits plays when it is resumed; one that repeats never ends by itself.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Connected, () => {
        const waits = VoxEngine.createURLPlayer("https://files.test/garden.wav", { onPause: true });
        waits.addEventListener(PlayerEvents.PlaybackReady, (e) => Logger.write(e.name));
        waits.addEventListener(PlayerEvents.Started, (e) => Logger.write(e.name));
        waits.addEventListener(PlayerEvents.PlaybackFinished, (e) => {
            Logger.write(e.name);
            const repeats = VoxEngine.createURLPlayer("https://files.test/garden.wav", true);
            repeats.addEventListener(PlayerEvents.Started, (event) => Logger.write(`again ${event.name}`));
            repeats.addEventListener(PlayerEvents.PlaybackFinished, (event) => Logger.write(`again ${event.name}`));
            repeats.sendMediaTo(call);
            setTimeout(() => call.hangup(), 4500);
        });
        waits.sendMediaTo(call);
        setTimeout(() => {
            Logger.write("resume");
            waits.resume();
        }, 1000);
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
