// Two texts around a file are heard as one; markers count from the beginning or the end of their own segment.
const greeting = { text: "good morning", parameters: { language: VoiceList.Amazon.en_US_Joanna } };
const garden = { url: "https://files.test/garden.wav" };
const closing = { text: "and goodbye" };
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Connected, () => {
        const player = VoxEngine.createSequencePlayer({ segments: [greeting, garden, closing] });
        const began = Date.now();
        Object.values(SequencePlayerEvents).forEach((name) => {
            player.addEventListener(name, (e) => {
                Logger.write(`${e.name} ${Date.now() - began} ${e.sequencePlayer === player} ${e.offset ?? e.duration ?? e.error}`);
            });
        });
        player.addMarker(-100, closing);
        player.addMarker(0, garden);
        player.addMarker(500, greeting);
        player.addMarker(100, { text: "of another player" });
        player.addEventListener(SequencePlayerEvents.PlaybackFinished, () => call.hangup());
        player.sendMediaTo(call);
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
