// A menu as a table; 0 goes back, 9 repeats, silence twice ends the call.
const MENU = {
  root: { text: 'One for sales. Two for help', keys: { 1: 'sales', 2: 'help' } },
  sales: { text: 'One for prices. Zero to go back', keys: { 1: 'prices', 0: 'root' } },
  help: { text: 'One for a person', keys: { 1: 'person', 0: 'root' } },
  prices: { text: 'Everything costs ten', keys: { 0: 'sales' } },
  person: { number: '15550000007' },
};
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  let node, timer, silences = 0;
  const enter = (name) => {
    node = MENU[name];
    Logger.write('-> ' + name);
    if (node.number) return transfer(node.number);
    call.say(node.text, { voice: VoiceList.Amazon.en_US_Joanna });
  };
  const arm = () => { clearTimeout(timer); timer = setTimeout(() => { if (++silences > 1) call.hangup(); else call.say(node.text); }, 4000); };
  const transfer = (number) => {
    const out = VoxEngine.callPSTN(number, call.callerid());
    VoxEngine.sendMediaBetween(call, out);
    out.addEventListener(CallEvents.Disconnected, () => call.hangup());
    out.addEventListener(CallEvents.Failed, () => call.hangup());
    call.addEventListener(CallEvents.Disconnected, () => out.hangup());
  };
  call.addEventListener(CallEvents.Connected, () => { call.handleTones(true); enter('root'); });
  call.addEventListener(CallEvents.PlaybackFinished, arm);
  call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
    clearTimeout(timer); silences = 0;
    if (tone === '9') return call.say(node.text);
    const next = node.keys && node.keys[tone];
    if (next) enter(next); else call.say('No such choice');
  });
  call.addEventListener(CallEvents.Disconnected, () => { clearTimeout(timer); VoxEngine.terminate(); });
  call.answer();
});
