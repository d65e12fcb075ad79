// A menu: the first state selects by a key, the second takes three digits, the last only speaks.
require(Modules.IVR);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const bye = new IVRState("bye", { type: "noinput", prompt: { say: "good bye", lang: VoiceList.Amazon.en_US_Joanna } }, () => {
        Logger.write("bye is over");
        call.hangup();
    });
    const order = new IVRState("order", {
        type: "inputfixed",
        inputLength: 3,
        prompt: { say: "the number of your order" },
        nextState: bye,
    }, (input) => Logger.write(`order ${input}`));
    const menu = new IVRState("menu", {
        type: "select",
        prompt: { say: "press one for orders" },
        timeout: 4000,
        nextStates: { 1: order, 2: bye },
    }, (input) => Logger.write(`menu ${input} ${menu.input} ${menu instanceof IVRState}`));
    call.addEventListener(CallEvents.Connected, () => menu.enter(call));
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
