// The call is parked while the caller is silent, and taken up when the caller speaks again.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const music = VoxEngine.createToneScriptPlayer('440@-25;1(1/0/1)', true);
  let silent;
  call.handleMicStatus(true);
  call.addEventListener(CallEvents.MicStatusChange, ({ active }) => {
    clearTimeout(silent);
    if (active) { Logger.write('back'); music.stopMediaTo(call); return; }
    silent = setTimeout(() => { Logger.write('parked'); music.sendMediaTo(call); }, 3000);
  });
  call.addEventListener(CallEvents.Connected, () => call.handleMicStatus(true));
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
});
