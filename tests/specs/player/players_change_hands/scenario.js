// A player of one text and one of several can be paused, sent elsewhere and listened to no more.
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    call.addEventListener(CallEvents.Connected, async () => {
        const makers = [
            () => VoxEngine.createTTSPlayer("one two three four five six"),
            () => VoxEngine.createSequencePlayer({ segments: [{ text: "seven eight" }, { text: "nine ten eleven" }] }),
        ];
        for (const make of makers) {
            const player = make();
            Logger.write(`${player.id().length}`);
            const never = () => Logger.write("this listener was removed");
            ["Player.Started", "SequencePlayer.Started"].forEach((name) => {
                player.addEventListener(name, never);
                player.removeEventListener(name);
            });
            player.sendMediaTo(call);
            await wait(700);
            player.pause();
            await wait(1000);
            player.resume();
            await wait(600);
            player.stopMediaTo(call);
            await wait(1000);
            player.stop();
        }
        call.hangup();
    });
});
