// Functions in the properties of a socket hear its events before the listeners; sound that waits can be thrown away.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const open = (url) => {
        const socket = VoxEngine.createWebSocket(url);
        Logger.write(`${socket.id().length} ${socket.readyState} ${socket.url}`);
        ["oncreated", "onopen", "onmessage", "onmediastarted", "onmediaended", "onclose", "onerror"].forEach((property) => {
            socket[property] = (e) => Logger.write(`${property} ${e.name} ${socket.readyState}`);
        });
        return socket;
    };
    const never = () => Logger.write("this listener was removed");
    const socket = open("wss://bot.example.com/media");
    socket.addEventListener(WebSocketEvents.MESSAGE, never);
    socket.removeEventListener(WebSocketEvents.MESSAGE, never);
    socket.addEventListener(WebSocketEvents.MESSAGE, () => {
        setTimeout(() => {
            socket.clearMediaBuffer();
            socket.stopMediaTo(call);
        }, 1000);
    });
    open("wss://nobody.example.com/");
    call.addEventListener(CallEvents.Connected, () => {
        call.sendMediaTo(socket);
        socket.sendMediaTo(call);
        call.say("testing");
        setTimeout(() => call.stopMediaTo(socket), 6000);
        setTimeout(() => socket.close(), 9000);
        setTimeout(() => call.hangup(), 9500);
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
