// A web page opens a socket to the session, is told what happens to the call, and may end it.
VoxEngine.allowWebSocketConnections();
const pages = new Set();
const tell = (what) => pages.forEach((page) => page.send(JSON.stringify({ what })));
VoxEngine.addEventListener(AppEvents.WebSocket, ({ websocket, path }) => {
  Logger.write(`page ${path}`);
  pages.add(websocket);
  websocket.addEventListener(WebSocketEvents.CLOSE, () => { pages.delete(websocket); Logger.write(`pages left: ${pages.size}`); });
});
VoxEngine.addEventListener(AppEvents.NewWebSocketFailed, ({ reason }) => Logger.write(reason));
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  call.handleTones(true);
  call.addEventListener(CallEvents.Connected, () => { tell('connected'); call.say('Press a key'); });
  call.addEventListener(CallEvents.ToneReceived, ({ tone }) => tell(`key ${tone}`));
  call.addEventListener(CallEvents.Disconnected, () => { tell('over'); setTimeout(VoxEngine.terminate, 1000); });
  setTimeout(() => call.answer(), 1000);
});
