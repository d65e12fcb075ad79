// The greeting is loaded while it rings, and played at once when the caller is there.
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  const greeting = VoxEngine.createURLPlayer({ url: 'https://cdn.example.com/hello.flac', headers: [{ name: 'X-Key', value: '1' }] }, { onPause: true });
  const ready = new Promise((done, failed) => {
    greeting.addEventListener(PlayerEvents.PlaybackReady, done);
    greeting.addEventListener(PlayerEvents.Error, (e) => failed(new Error(e.error)));
  });
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.ring();
  try {
    await ready;
    call.answer();
    call.addEventListener(CallEvents.Connected, () => { greeting.sendMediaTo(call); greeting.resume(); });
    greeting.addEventListener(PlayerEvents.PlaybackFinished, () => call.hangup());
  } catch (error) {
    Logger.write(error.message);
    call.reject(503);
  }
});
