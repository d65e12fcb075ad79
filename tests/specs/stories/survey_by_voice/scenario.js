require(Modules.ASR);
// A survey of two questions by voice; the answers go to a web hook before the session ends.
const QUESTIONS = ['How was the food', 'How was the service'];
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const answers = [];
  let asr;
  call.answer();
  call.addEventListener(CallEvents.Connected, ask);
  call.addEventListener(CallEvents.PlaybackFinished, () => {
    if (answers.length === QUESTIONS.length) { call.hangup(); return; }
    asr = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US, singleUtterance: true });
    asr.addEventListener(ASREvents.Result, (e) => { Logger.write(`heard ${e.text}`); answers.push(e.text); asr.stop(); ask(); });
    call.sendMediaTo(asr);
  });
  function ask() {
    const next = QUESTIONS[answers.length];
    call.say(next || 'Thank you', { voice: VoiceList.Google.en_US_Wavenet_F });
  }
  call.addEventListener(CallEvents.Disconnected, async () => {
    const body = JSON.stringify({ from: call.callerid(), answers });
    const r = await Net.httpRequestAsync('https://hooks.example.org/survey', { method: 'POST', postData: body, headers: { 'Content-Type': 'application/json', 'X-Sign': require && Crypto.hmac_sha256('key', body) } });
    Logger.write(`posted ${r.code}`);
    VoxEngine.terminate();
  });
});
