// The hundred and first endpoint is refused by an event; the others stay.
require(Modules.Conference);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const conference = VoxEngine.createConference();
    conference.addEventListener(ConferenceEvents.ConferenceError, (e) => {
        Logger.write(`${e.name} ${e.code} ${e.error} ${e.endpointId === last.id()} ${conference.getList().length}`);
        VoxEngine.terminate();
    });
    let last;
    for (let number = 1; number <= 101; number += 1) last = conference.add({ call });
    Logger.write(`${last.getCall()}`);
});
