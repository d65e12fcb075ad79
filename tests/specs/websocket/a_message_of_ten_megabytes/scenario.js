// Ten megabytes cross from the script to the socket and back, as bytes.
VoxEngine.addEventListener(AppEvents.Started, () => {
    const bytes = new Uint8Array(10 * 1024 * 1024);
    for (let at = 0; at < bytes.length; at += 65536) bytes[at] = at / 65536;
    const socket = VoxEngine.createWebSocket("wss://mirror.test/large");
    socket.onopen = () => socket.send(bytes.buffer);
    socket.onmessage = (e) => {
        const back = new Uint8Array(e.data);
        Logger.write(`${back.length} bytes back, ${back[65536 * 159]} among them`);
        VoxEngine.terminate();
    };
    socket.onerror = (e) => Logger.write(`error ${e.reason}`);
});
