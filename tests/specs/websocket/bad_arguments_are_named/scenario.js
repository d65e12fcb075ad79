// Every way to say it wrong is named and can be caught.
const attempt = (what, run) => {
    try {
        run();
        Logger.write(`${what}: fine`);
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
VoxEngine.addEventListener(AppEvents.Started, () => {
    attempt("nothing", () => VoxEngine.createWebSocket());
    attempt("http", () => VoxEngine.createWebSocket("https://feed.test/"));
    attempt("protocols", () => VoxEngine.createWebSocket("wss://feed.test/", ["a", "b"]).close());
    attempt("new", () => new WebSocket("wss://feed.test/"));
    const socket = VoxEngine.createWebSocket("wss://feed.test/");
    attempt("send nothing", () => socket.send());
    attempt("send null", () => socket.send(null));
    attempt("a handler that is no function", () => { socket.onopen = 5; });
    attempt("to a text", () => socket.sendMediaTo("call"));
    socket.close();
    attempt("close twice", () => socket.close());
    VoxEngine.terminate();
});
