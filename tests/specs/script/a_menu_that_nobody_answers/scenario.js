// Nobody presses a key: the author is told, once; a state that was reset tells nothing; wrong settings are named.
require(Modules.IVR);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const attempt = (...args) => {
        try {
            new IVRState(...args);
        } catch (error) {
            Logger.write(`${error}`);
        }
    };
    attempt();
    attempt("menu", { type: "sideways" });
    try { IVRState("menu", { type: "select" }); } catch (error) { Logger.write(`${error.name}`); }
    const menu = new IVRState("menu", { type: "select", prompt: { say: "press one" }, timeout: 1000, nextStates: {} },
        () => Logger.write("complete"),
        (input) => {
            Logger.write(`timeout '${input}'`);
            menu.enter(call);
            IVR.reset();
            setTimeout(() => call.hangup(), 5000);
        });
    call.addEventListener(CallEvents.Connected, () => menu.enter(call));
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
