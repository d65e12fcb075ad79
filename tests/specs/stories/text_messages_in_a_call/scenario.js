// Two app users exchange texts in a call; a word that is not wanted is held back.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const other = VoxEngine.callUser({ username: 'friend', callerid: call.callerid(), displayName: call.displayName() });
  const relay = (from, to) => from.addEventListener(CallEvents.MessageReceived, ({ text }) => {
    if (/secret/.test(text)) return from.sendMessage('not delivered');
    to.sendMessage(text);
  });
  relay(call, other);
  relay(other, call);
  other.addEventListener(CallEvents.Connected, () => {
    call.answer();
    VoxEngine.sendMediaBetween(call, other);
    other.sendMessage('hello');
    other.sendInfo('application/json', JSON.stringify({ typing: true }), { 'X-From': call.callerid() });
  });
  other.addEventListener(CallEvents.Disconnected, () => call.hangup());
  other.addEventListener(CallEvents.Failed, ({ code }) => call.reject(code));
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
