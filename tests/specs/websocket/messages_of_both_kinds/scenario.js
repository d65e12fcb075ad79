// Text and bytes go there and come back; a message before the socket is open waits; the property hears an event before the
// listeners; close() is heard at once, and what is sent later does nothing.
VoxEngine.addEventListener(AppEvents.Started, () => {
    const socket = VoxEngine.createWebSocket("wss://feed.test/v1", { headers: [{ name: "X-Key", value: "5" }] });
    Logger.write(`${socket.readyState} ${socket.url} ${socket.onmessage}`);
    socket.send("early");
    socket.onopen = (e) => Logger.write(`onopen ${socket.readyState} ${e.websocket === socket}`);
    socket.addEventListener(WebSocketEvents.OPEN, () => {
        Logger.write("open");
        socket.send(new Uint8Array([0, 1, 255]).buffer);
        socket.send(new Uint8Array([7]));
        socket.send({ a: 1 });
    });
    let heard = 0;
    socket.addEventListener(WebSocketEvents.MESSAGE, (e) => {
        Logger.write(e.text === undefined ? `bytes ${[...new Uint8Array(e.data)]}` : `text ${e.text}`);
        heard += 1;
        if (heard < 6) return;
        socket.close();
        Logger.write(socket.readyState);
        socket.send("late");
    });
    socket.addEventListener(WebSocketEvents.CREATED, (e) => Logger.write(e.name));
    socket.onclose = (e) => Logger.write(`onclose ${e.code} ${e.reason} ${e.wasClean} ${socket.readyState}`);
    socket.addEventListener(WebSocketEvents.CLOSE, (e) => {
        Logger.write(Object.keys(e.websocket).join(" "));
        VoxEngine.terminate();
    });
});
