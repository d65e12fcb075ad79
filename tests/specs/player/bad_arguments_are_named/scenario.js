// Every way to say it wrong is named and can be caught.
const attempt = (what, run) => {
    try {
        run();
        Logger.write(`${what}: fine`);
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    attempt("no url", () => VoxEngine.createURLPlayer());
    attempt("empty url", () => VoxEngine.createURLPlayer(""));
    attempt("object", () => VoxEngine.createURLPlayer({ uri: "https://files.test/" }));
    attempt("no text", () => VoxEngine.createTTSPlayer());
    attempt("say nothing", () => call.say());
    attempt("play nothing", () => call.startPlayback({}));
    attempt("stop nothing", () => call.stopPlayback());
    attempt("to a timer", () => VoxEngine.createTTSPlayer("x").sendMediaTo(setTimeout(() => {}, 1)));
    attempt("to itself", () => { const player = VoxEngine.createTTSPlayer("x"); player.sendMediaTo(player); });
    attempt("extra", () => call.say("x", {}, 1, 2, 3));
    attempt("marker", () => VoxEngine.createTTSPlayer("x").addMarker("soon"));
    attempt("no segments", () => VoxEngine.createSequencePlayer({}));
    attempt("empty sequence", () => VoxEngine.createSequencePlayer({ segments: [] }));
    attempt("a segment of nothing", () => VoxEngine.createSequencePlayer({ segments: [{ text: "x" }, { text: "" }] }));
    call.reject(486);
    call.addEventListener(CallEvents.Disconnected, () => {
        attempt("after the end", () => call.say("nobody hears it"));
        VoxEngine.terminate();
    });
});
