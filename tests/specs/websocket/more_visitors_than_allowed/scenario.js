// Three more than there are calls are taken; the next one is told of as failed, and may come when another one has left.
VoxEngine.allowWebSocketConnections();
const taken = [];
VoxEngine.addEventListener(AppEvents.WebSocket, ({ path, websocket }) => {
    Logger.write(path);
    taken.push(websocket);
});
VoxEngine.addEventListener(AppEvents.NewWebSocketFailed, (e) => Logger.write(`${e.name} ${e.path} ${e.reason}`));
setTimeout(() => taken[0].close(), 1500);
setTimeout(VoxEngine.terminate, 3000);
