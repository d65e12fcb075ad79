require(Modules.ApplicationStorage);
// Operators take turns; whose turn it is outlives the session.
const OPERATORS = ['anna', 'boris', 'clara'];
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  const stored = await ApplicationStorage.get('turn');
  const turn = stored ? Number(stored.value) : 0;
  await ApplicationStorage.put('turn', String((turn + 1) % OPERATORS.length), 3600);
  Logger.write(`turn of ${OPERATORS[turn]}`);
  const operator = VoxEngine.callUser({ username: OPERATORS[turn], callerid: call.callerid() });
  operator.addEventListener(CallEvents.Connected, () => {
    call.answer();
    VoxEngine.sendMediaBetween(call, operator);
  });
  operator.addEventListener(CallEvents.Failed, () => call.reject(486));
  operator.addEventListener(CallEvents.Disconnected, () => call.hangup());
});
