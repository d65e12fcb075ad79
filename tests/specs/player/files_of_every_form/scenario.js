// The same words from files of three forms; a fourth is none that can be played.
const FILES = ["garden.mp3", "garden.ogg", "garden.flac", "garden.txt"];
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const next = () => {
        const file = FILES.shift();
        if (!file) return call.hangup();
        const player = VoxEngine.createURLPlayer(`https://files.test/${file}`);
        player.addEventListener(PlayerEvents.Started, (e) => Logger.write(`${file} ${e.name}`));
        player.addEventListener(PlayerEvents.PlaybackFinished, (e) => {
            Logger.write(`${file} ${e.name} ${e.error}`);
            setTimeout(next, 1000);
        });
        player.sendMediaTo(call);
    };
    call.addEventListener(CallEvents.Connected, next);
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
