// Every way to say it wrong is named and can be caught; without require() there is no recogniser.
const attempt = (what, run) => {
    try {
        run();
        Logger.write(`${what}: fine`);
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    attempt("not required", () => VoxEngine.createASR({ profile: "x" }));
    require(Modules.ASR);
    attempt("nothing", () => VoxEngine.createASR());
    attempt("no profile", () => VoxEngine.createASR({ interimResults: true }));
    attempt("a number", () => VoxEngine.createASR(5));
    attempt("legacy", () => Logger.write(VoxEngine.createASR("en-US", "dict").dictionary()));
    const asr = VoxEngine.createASR({ profile: "x" });
    attempt("it is no source", () => asr.sendMediaTo(call));
    asr.stop();
    attempt("stop twice", () => asr.stop());
    attempt("after the end", () => call.sendMediaTo(asr));
    VoxEngine.terminate();
});
