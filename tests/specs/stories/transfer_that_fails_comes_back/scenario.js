// An attended transfer: the operator presses *, a colleague is called, and takes over when she has answered.
let client, operator, colleague;
VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  client = e.call;
  client.answer();
  operator = VoxEngine.callUser({ username: 'operator', callerid: client.callerid() });
  operator.handleTones(true);
  operator.addEventListener(CallEvents.Connected, () => VoxEngine.sendMediaBetween(client, operator));
  operator.addEventListener(CallEvents.ToneReceived, ({ tone }) => { if (tone === '*') consult(); });
  operator.addEventListener(CallEvents.Disconnected, () => { if (!colleague) client.hangup(); });
  client.addEventListener(CallEvents.Disconnected, () => {
    [operator, colleague].forEach((leg) => leg && leg.hangup());
    VoxEngine.terminate();
  });
});
function consult() {
  VoxEngine.stopMediaBetween(client, operator);
  client.say('One moment, I am putting you through');
  colleague = VoxEngine.callUser({ username: 'colleague', callerid: client.callerid() });
  colleague.addEventListener(CallEvents.Connected, () => {
    Logger.write('the colleague has answered');
    VoxEngine.sendMediaBetween(client, colleague);
    operator.hangup();
  });
  colleague.addEventListener(CallEvents.Failed, (e) => {
    Logger.write(`the colleague did not: ${e.code}`);
    colleague = null;
    VoxEngine.sendMediaBetween(client, operator);
  });
  colleague.addEventListener(CallEvents.Disconnected, () => client.hangup());
}
