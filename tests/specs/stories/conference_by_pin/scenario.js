require(Modules.Conference);
// One call dials two colleagues into a room and announces who has come.
let room;
const members = new Map();
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  call.answer();
  call.handleTones(true);
  call.addEventListener(CallEvents.Connected, () => call.say('Pin please'));
  let pin = '';
  call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
    pin += tone;
    if (pin.length < 4) return;
    if (pin !== '2580') { call.say('Wrong'); pin = ''; return; }
    room = VoxEngine.createConference({ hd_audio: true });
    room.addEventListener(ConferenceEvents.Started, () => { join('host', call); invite('15550000001'); invite('15550000002'); });
    room.addEventListener(ConferenceEvents.Stopped, () => Logger.write('room closed'));
  });
  call.addEventListener(CallEvents.Disconnected, () => { for (const member of members.values()) member.hangup(); if (room) room.stop(); VoxEngine.terminate(); });
});
function join(name, call) {
  members.set(name, call);
  VoxEngine.sendMediaBetween(call, room);
  Logger.write(`${name} joined, ${members.size} in the room`);
}
function invite(number) {
  const call = VoxEngine.callPSTN(number, '15550100000');
  call.addEventListener(CallEvents.Connected, () => join(number, call));
  call.addEventListener(CallEvents.Failed, (e) => Logger.write(`${number} ${e.code}`));
  call.addEventListener(CallEvents.Disconnected, () => members.delete(number));
}
