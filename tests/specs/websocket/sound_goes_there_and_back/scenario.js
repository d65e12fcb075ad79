// The caller's sound goes to a socket whose far side sends it back: the caller hears its own words. Sound in messages begins
// and ends streams, which are told of; silence of a second ends one too.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const socket = VoxEngine.createWebSocket("wss://echo.test/");
    const told = (e) => Logger.write(`${e.name} ${e.tag} ${e.encoding} ${JSON.stringify(e.customParameters)} ${e.mediaInfo && typeof e.mediaInfo.duration}`);
    socket.addEventListener(WebSocketEvents.MEDIA_STARTED, told);
    socket.addEventListener(WebSocketEvents.MEDIA_ENDED, told);
    socket.addEventListener(WebSocketEvents.MESSAGE, (e) => Logger.write(e.text));
    socket.addEventListener(WebSocketEvents.OPEN, () => {
        call.sendMediaTo(socket, { tag: "caller", encoding: WebSocketAudioEncoding.ULAW, customParameters: { a: "1" } });
        socket.sendMediaTo(call);
    });
    call.addEventListener(CallEvents.Disconnected, () => {
        socket.close();
        VoxEngine.terminate();
    });
    call.answer();
});
