// A file that is not there, is no sound, or is late; a text that is too long; one player more than the platform allows.
const told = (what) => (e) => Logger.write(`${what}: ${e.name} ${e.error}`);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.PlaybackFinished, told("call"));
    call.addEventListener(CallEvents.Connected, () => {
        const urls = ["missing", "text", "late", "nobody"].map((name) => `https://files.test/${name}`);
        [...urls, "garden.wav"].forEach((url) => {
            const player = VoxEngine.createURLPlayer(url);
            player.addEventListener(PlayerEvents.Error, told(url));
            player.addEventListener(PlayerEvents.PlaybackFinished, told(url));
        });
        call.say("x".repeat(1501));
        setTimeout(() => call.startPlayback("https://files.test/missing"), 100);
        setTimeout(() => {
            for (let number = 1; number <= 11; number += 1) {
                const player = VoxEngine.createTTSPlayer("a player", { onPause: true });
                player.addEventListener(PlayerEvents.Error, told(`player ${number}`));
            }
            call.hangup();
        }, 15000);
    });
    call.addEventListener(CallEvents.Disconnected, () => setTimeout(VoxEngine.terminate, 500));
    call.answer();
});
