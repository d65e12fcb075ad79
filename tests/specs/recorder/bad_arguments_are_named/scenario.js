// Every way to say it wrong is named and can be caught.
require(Modules.Conference);
require(Modules.Recorder);
const attempt = (what, run) => {
    try {
        Logger.write(`${what}: fine ${run()}`);
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
VoxEngine.addEventListener(AppEvents.Started, () => {
    const plain = VoxEngine.createRecorder("an older form", true);
    const video = VoxEngine.createRecorder({ video: true });
    attempt("a recorder of calls has no conference", () => plain.setConference);
    attempt("no conference", () => video.setConference());
    attempt("a player is none", () => video.setConference(VoxEngine.createTTSPlayer("x")));
    attempt("no endpoints", () => video.setPriority("first"));
    attempt("a call is none", () => video.setPriority([plain]));
    attempt("no event", () => plain.addEventListener());
    attempt("mute", () => plain.mute());
    attempt("to nobody", () => VoxEngine.createTTSPlayer("x").sendMediaTo(plain.id()));
    attempt("a recorder sends nothing", () => plain.sendMediaTo(video));
    VoxEngine.terminate();
});
