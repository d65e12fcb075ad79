// Nobody there, a refused upgrade, a far side that closes, and a connection that breaks by a fault.
const urls = ["ws://nobody.test/", "ws://refused.test/", "ws://closes.test/", "ws://breaks.test/"];
let left = urls.length;
VoxEngine.addEventListener(AppEvents.Started, () => {
    for (const url of urls) {
        const socket = VoxEngine.createWebSocket(url);
        socket.addEventListener(WebSocketEvents.ERROR, (e) => Logger.write(`${url} ${e.name}`));
        socket.addEventListener(WebSocketEvents.OPEN, (e) => Logger.write(`${url} ${e.name}`));
        socket.addEventListener(WebSocketEvents.CLOSE, (e) => {
            Logger.write(`${url} ${e.code} ${e.wasClean}`);
            left -= 1;
            if (left === 0) VoxEngine.terminate();
        });
    }
});
