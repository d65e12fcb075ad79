require(Modules.CallList);
let call, task;
VoxEngine.addEventListener(AppEvents.Started, () => {
  task = JSON.parse(VoxEngine.customData());
  call = VoxEngine.callPSTN(task.phone, task.callerid);
  call.addEventListener(CallEvents.Connected, handleConnected);
  call.addEventListener(CallEvents.Failed, (e) => {
    VoxEngine.CallList.reportError({ result: false, msg: 'Failed', code: e.code }, VoxEngine.terminate);
  });
  call.addEventListener(CallEvents.Disconnected, handleDisconnected);
});
let confirmed = false;
function handleConnected() {
  call.handleTones(true);
  call.say(`Hello ${task.name}. Press one to confirm`, Language.US_ENGLISH_FEMALE);
  call.addEventListener(CallEvents.ToneReceived, (e) => {
    call.removeEventListener(CallEvents.ToneReceived);
    call.stopPlayback();
    confirmed = e.tone === '1';
    call.say(confirmed ? 'Thank you' : 'Goodbye');
    call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
  });
}
async function handleDisconnected(e) {
  const r = await CallList.reportResultAsync({ result: confirmed, duration: e.duration > 0, call_id: typeof e.id });
  Logger.write(`reported ${r.code} ${confirmed}`);
  VoxEngine.terminate();
}
