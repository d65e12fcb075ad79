// Every way to say it wrong is named and can be caught; without require() there is no conference.
const attempt = (what, run) => {
    try {
        run();
        Logger.write(`${what}: fine`);
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    attempt("not required", () => VoxEngine.createConference());
    require(Modules.Conference);
    const conference = VoxEngine.createConference();
    attempt("nothing", () => conference.add());
    attempt("no call", () => conference.add({ mode: "MIX" }));
    attempt("no call either", () => conference.add({ call: conference }));
    attempt("wrong mode", () => conference.add({ call, mode: "SIDEWAYS" }));
    attempt("wrong direction", () => conference.add({ call, direction: 7 }));
    attempt("to itself", () => conference.sendMediaTo(conference));
    attempt("get nothing", () => conference.get());
    attempt("destroy a call", () => VoxEngine.destroyConference(call));
    attempt("destroy nothing", () => VoxEngine.destroyConference());
    attempt("manage", () => conference.add({ call }).manageEndpoint({}));
    conference.stop();
    attempt("stop twice", () => conference.stop());
    attempt("after the end", () => conference.add({ call }));
    VoxEngine.terminate();
});
