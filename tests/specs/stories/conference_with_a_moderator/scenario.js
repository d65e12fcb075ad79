require(Modules.Conference);
// Two guests are called into the conference; when the moderator, who called, leaves, it is over for everybody.
const GUESTS = ['15550100501', '15550100502'];
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call: moderator }) => {
  const conference = VoxEngine.createConference({ hd_audio: true });
  const legs = [];
  conference.addEventListener(ConferenceEvents.EndpointAdded, () => Logger.write(`in the room: ${conference.getList().length}`));
  conference.addEventListener(ConferenceEvents.EndpointRemoved, () => Logger.write(`in the room: ${conference.getList().length}`));
  const join = (call, displayName) => conference.add({ call, mode: 'MIX', direction: 'BOTH', displayName });
  moderator.addEventListener(CallEvents.Connected, () => {
    join(moderator, 'moderator');
    GUESTS.forEach((number) => {
      const guest = VoxEngine.callPSTN(number, moderator.callerid());
      guest.addEventListener(CallEvents.Connected, () => { legs.push(guest); join(guest, number); });
      guest.addEventListener(CallEvents.Failed, (e) => Logger.write(`${number}: ${e.code}`));
    });
  });
  moderator.addEventListener(CallEvents.Disconnected, () => {
    legs.forEach((leg) => leg.hangup());
    conference.stop();
    setTimeout(VoxEngine.terminate, 500);
  });
  moderator.answer();
});
