// Nothing of a sequence is heard when a piece of it is missing.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Connected, () => {
        const player = VoxEngine.createSequencePlayer({ segments: [{ text: "hello" }, { url: "https://files.test/nobody.mp3" }] });
        Object.values(SequencePlayerEvents).forEach((name) => player.addEventListener(name, (e) => Logger.write(`${e.name} ${e.error}`)));
        player.addEventListener(SequencePlayerEvents.PlaybackFinished, () => {
            const stopped = VoxEngine.createSequencePlayer({ segments: [{ text: "one" }, { text: "two" }] });
            stopped.addEventListener(SequencePlayerEvents.Stopped, (e) => {
                Logger.write(e.name);
                call.hangup();
            });
            stopped.sendMediaTo(call);
            setTimeout(() => stopped.stop(), 600);
        });
        player.sendMediaTo(call);
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
