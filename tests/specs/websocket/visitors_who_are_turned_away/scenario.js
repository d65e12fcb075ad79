// A visitor who comes before the script takes any, and one whom the script sends away; each request over HTTP goes on.
VoxEngine.addEventListener(AppEvents.Started, () => setTimeout(VoxEngine.allowWebSocketConnections, 2000));
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => `${e.method} is answered`);
VoxEngine.addEventListener(AppEvents.WebSocket, ({ path, websocket }) => {
    Logger.write(path);
    websocket.send("go away");
    websocket.close();
    websocket.addEventListener(WebSocketEvents.CLOSE, (e) => {
        Logger.write(`${e.code} ${e.reason} ${websocket.readyState}`);
        setTimeout(VoxEngine.terminate, 500);
    });
});
