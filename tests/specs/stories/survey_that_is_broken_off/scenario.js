// Three questions, one key each; the answers go to a webhook when the call is over, whoever ended it.
const QUESTIONS = ['How was the food', 'How was the service', 'Will you come again'];
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const answers = [];
  let sent = false;
  const ask = () => {
    if (answers.length === QUESTIONS.length) { call.say('Thank you'); return; }
    call.say(`${QUESTIONS[answers.length]}, one to five`);
  };
  const report = async () => {
    if (sent) return;
    sent = true;
    const { code } = await Net.httpRequestAsync('https://crm.example.com/survey', {
      method: 'POST',
      headers: ['Content-Type: application/json'],
      postData: JSON.stringify({ from: call.callerid(), answers, complete: answers.length === QUESTIONS.length })
    });
    Logger.write(`reported ${answers.join('')}: ${code}`);
    VoxEngine.terminate();
  };
  call.handleTones(true);
  call.addEventListener(CallEvents.Connected, ask);
  call.addEventListener(CallEvents.ToneReceived, ({ tone }) => {
    if (!/[1-5]/.test(tone)) return;
    call.stopPlayback();
    answers.push(Number(tone));
    ask();
  });
  call.addEventListener(CallEvents.PlaybackFinished, () => { if (answers.length === QUESTIONS.length) call.hangup(); });
  call.addEventListener(CallEvents.Disconnected, report);
  call.answer();
});
