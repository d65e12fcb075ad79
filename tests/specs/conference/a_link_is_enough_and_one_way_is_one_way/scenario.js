// Sound sent to a conference by hand needs no endpoint; an endpoint that only receives is not heard.
require(Modules.Conference);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const conference = VoxEngine.createConference();
    conference.addEventListener(ConferenceEvents.EndpointAdded, (e) => Logger.write(`${e.direction}`));
    call.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(call, conference));
    const leg = VoxEngine.callPSTN("100", "300");
    leg.addEventListener(CallEvents.Connected, () => conference.add({ call: leg, direction: ConferenceDirection.RECEIVE }));
    call.addEventListener(CallEvents.Disconnected, () => {
        VoxEngine.destroyConference(conference);
        VoxEngine.terminate();
    });
    call.answer();
});
