require(Modules.Conference);
// The caller hears the conference until its sound is taken away, and is told of it no more.
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    call.addEventListener(CallEvents.Connected, async () => {
        const conference = VoxEngine.createConference();
        Logger.write(`${conference.id().length}`);
        const never = () => Logger.write("this listener was removed");
        conference.addEventListener(ConferenceEvents.Started, never);
        conference.removeEventListener(ConferenceEvents.Started, never);
        conference.sendMediaTo(call);
        const says = (text) => VoxEngine.createTTSPlayer(text).sendMediaTo(conference);
        says("you hear this");
        await wait(2000);
        conference.stopMediaTo(call);
        says("and not this");
        await wait(2000);
        conference.stop();
        call.hangup();
    });
});
