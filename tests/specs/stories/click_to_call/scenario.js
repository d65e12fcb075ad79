// The web page asks the session to call a visitor, and asks again how it goes.
let state = 'idle', call;
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  Logger.write(`${e.method} ${e.path}`);
  if (e.path.startsWith('/call') && state === 'idle') {
    const { phone } = JSON.parse(e.content);
    state = 'calling';
    call = VoxEngine.callPSTN(phone, '15550100100');
    call.addEventListener(CallEvents.Ringing, () => { state = 'ringing'; });
    call.addEventListener(CallEvents.Connected, () => { state = 'talking'; call.say('You asked for a call'); });
    call.addEventListener(CallEvents.Failed, ({ code }) => { state = `failed ${code}`; });
    call.addEventListener(CallEvents.Disconnected, () => { state = 'over'; setTimeout(VoxEngine.terminate, 3000); });
  }
  if (e.path.startsWith('/hangup')) call.hangup();
  return { state };
});
