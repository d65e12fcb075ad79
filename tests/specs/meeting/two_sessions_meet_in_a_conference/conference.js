// The session of a conference: everybody who calls it hears everybody else.
require(Modules.Conference);
let conference;
let parties = 0;
VoxEngine.addEventListener(AppEvents.Started, () => {
    conference = VoxEngine.createConference();
});
VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
    parties += 1;
    Logger.write(`conference: ${e.destination} from ${e.callerid} ${e.headers["X-Desk"]} ${e.call.incoming()}, ${parties} here`);
    e.call.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(e.call, conference));
    e.call.addEventListener(CallEvents.ToneReceived, (tone) => Logger.write(`conference: key ${tone.tone}`));
    e.call.addEventListener(CallEvents.Disconnected, () => {
        parties -= 1;
        if (parties === 0) VoxEngine.terminate();
    });
    e.call.handleTones(true);
    e.call.ring();
    setTimeout(() => e.call.answer({ "X-Welcome": "yes" }), 500);
});
