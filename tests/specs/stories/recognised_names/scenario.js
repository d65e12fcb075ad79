require(Modules.ASR);
// The caller says a name; the nearest one of the list is called, if it is near enough.
const STAFF = { turing: 'alan', lovelace: 'ada', hopper: 'grace' };
function distance(a, b) {
  const row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    let last = i - 1;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = Math.min(row[j] + 1, row[j - 1] + 1, last + (a[i - 1] === b[j - 1] ? 0 : 1));
      last = above;
    }
  }
  return row[b.length];
}
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  let tries = 0;
  const ask = () => call.say(tries ? 'Pardon me, who is it' : 'Whom would you like to speak to');
  const asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US, phraseHints: Object.keys(STAFF), singleUtterance: false });
  asr.addEventListener(ASREvents.Result, ({ text, confidence }) => {
    const word = text.toLowerCase().split(' ').pop();
    const [name] = Object.keys(STAFF).sort((a, b) => distance(a, word) - distance(b, word));
    const near = distance(name, word);
    Logger.write(`${word} (${confidence}): ${name}, ${near} away`);
    if (near <= 3) {
      asr.stop();
      const outgoing = VoxEngine.callUser({ username: STAFF[name], callerid: call.callerid() });
      VoxEngine.easyProcess(call, outgoing);
    } else {
      tries += 1;
      ask();
    }
  });
  call.addEventListener(CallEvents.Connected, () => { call.sendMediaTo(asr); ask(); });
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
});
