require(Modules.ApplicationStorage);
// Access by PIN; three wrong ones lock the number for an hour.
const PIN = VoxEngine.getSecretValue('PIN');
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call, callerid }) => {
  const key = `locked:${callerid}`;
  let typed = '', tries = 0;
  if (await ApplicationStorage.get(key)) { call.reject(603, { 'X-Reason': 'locked' }); VoxEngine.terminate(); return; }
  call.answer();
  call.handleTones(true);
  call.addEventListener(CallEvents.Connected, () => call.say('Enter your pin'));
  call.addEventListener(CallEvents.ToneReceived, async ({ tone }) => {
    if (tone !== '#') { typed += tone; return; }
    tries++;
    if (typed === PIN) { Logger.write('welcome'); call.say('Welcome'); }
    else if (tries >= 3) { await ApplicationStorage.put(key, 'yes', 3600); call.say('Locked'); setTimeout(() => call.hangup(), 2500); }
    else call.say('Wrong pin');
    typed = '';
  });
  call.addEventListener(CallEvents.Disconnected, async () => {
    const stored = await ApplicationStorage.get(key);
    Logger.write(`tries ${tries} ${stored ? stored.value : 'open'}`);
    VoxEngine.terminate();
  });
});
