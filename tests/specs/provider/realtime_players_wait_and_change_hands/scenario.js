require(Modules.Cartesia);
require(Modules.Inworld);
// A realtime player waits while it is paused, can be sent elsewhere, and ends when it is stopped.
const VOICE = { mode: "id", id: "a0e99841-438c-4a64-b679-ae501e7d6091" };
const request = (transcript, context_id) => ({ model_id: "sonic-2", transcript, language: "en", voice: VOICE, context_id, continue: false });
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    call.addEventListener(CallEvents.Connected, async () => {
        const inworld = Inworld.createRealtimeTTSPlayer({ createContextParameters: { create: { voiceId: "Ashley" } } });
        const cartesia = Cartesia.createRealtimeTTSPlayer("the first sentence", { generationRequestParameters: request("the first sentence", "one") });
        Logger.write(`${inworld.id().length} ${cartesia.id().length} ${inworld.id() !== cartesia.id()}`);
        const never = () => Logger.write("this listener was removed");
        [inworld, cartesia].forEach((player) => {
            player.addEventListener(PlayerEvents.Started, never);
            player.removeEventListener(PlayerEvents.Started, never);
            player.addEventListener(PlayerEvents.Stopped, (e) => Logger.write(e.name));
        });
        cartesia.pause();
        cartesia.sendMediaTo(call);
        await wait(1500);
        Logger.write("resume");
        cartesia.resume();
        await wait(3000);
        cartesia.stopMediaTo(call);
        cartesia.generationRequest(request("nobody hears this sentence", "two"));
        cartesia.cancelContextRequest({ context_id: "two", cancel: true });
        inworld.sendMediaTo(call);
        inworld.pause();
        inworld.send({ send_text: { text: "and the second one" } });
        inworld.send({ flush_context: {} });
        await wait(1500);
        inworld.resume();
        await wait(3000);
        inworld.stopMediaTo(call);
        [cartesia, inworld].forEach((player) => player.stop());
        call.hangup();
    });
});
