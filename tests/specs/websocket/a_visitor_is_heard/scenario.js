// A visitor of the session's own URL sends a text, hears the caller, and sends the caller's own words back.
VoxEngine.allowWebSocketConnections();
VoxEngine.enableTraceForIncomingWebsockets();
VoxEngine.disableTraceForIncomingWebsockets();
VoxEngine.enableStatisticsForIncomingWebsockets();
VoxEngine.disableStatisticsForIncomingWebsockets();
let caller;
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    caller = call;
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
VoxEngine.addEventListener(AppEvents.WebSocket, (e) => {
    const socket = e.websocket;
    Logger.write(`${e.name} ${e.method} ${e.path} ${e.content} ${JSON.stringify(e.headers)} ${socket.readyState} ${socket.url}`);
    socket.addEventListener(WebSocketEvents.OPEN, () => Logger.write("open"));
    socket.addEventListener(WebSocketEvents.MESSAGE, ({ text }) => {
        Logger.write(`message ${text}`);
        if (text !== "hello from outside") return;
        socket.send("bye then");
        caller.sendMediaTo(socket, { encoding: WebSocketAudioEncoding.ULAW, tag: "caller" });
        socket.sendMediaTo(caller);
    });
    socket.onmediastarted = (event) => Logger.write(`${event.name} ${event.encoding} ${event.tag}`);
    socket.onclose = (event) => Logger.write(`${event.name} ${event.code}`);
});
