// A dialler that is told by requests whom to call, and what it has done; each answer is what the listener returns.
let called = 0;
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
    Logger.write(`${e.name} ${e.method} ${e.path} ${e.content} ${JSON.stringify(e.headers)}`);
    if (e.path === "/status") return { called };
    if (e.path === "/stop") {
        VoxEngine.terminate();
        return;
    }
    const call = VoxEngine.callPSTN(e.content, "100");
    call.addEventListener(CallEvents.Connected, () => {
        called += 1;
        call.say("your order is ready");
    });
    call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
    return "calling " + e.content;
});
VoxEngine.addEventListener(AppEvents.HttpRequest, () => "only the first answer counts");
VoxEngine.addEventListener(AppEvents.Started, (e) => Logger.write(typeof e.accessURL));
