// The caller hears a text that the call says, then a file that a player plays, and each says when it began and ended.
const told = (e) => Logger.write(`${e.name} ${e.duration} ${e.error}`);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const says = ["PlaybackReady", "PlaybackStarted", "PlaybackFinished"];
    says.forEach((name) => call.addEventListener(CallEvents[name], told));
    call.addEventListener(CallEvents.Connected, () => call.say("one moment please", { voice: VoiceList.Amazon.en_US_Joanna }));
    call.addEventListener(CallEvents.PlaybackFinished, () => {
        const player = VoxEngine.createURLPlayer({ url: "https://files.test/garden.wav", headers: [{ name: "X-Key", value: "1" }] });
        ["Created", "PlaybackReady", "Started", "Stopped", "PlaybackFinished", "Error"].forEach((name) => {
            player.addEventListener(PlayerEvents[name], told);
        });
        player.addEventListener(PlayerEvents.PlaybackFinished, (e) => {
            Logger.write(`${e.player === player}`);
            call.hangup();
        });
        player.sendMediaTo(call);
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
