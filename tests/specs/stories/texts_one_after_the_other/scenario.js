// Sentences wait for each other; a key skips to the next.
const SENTENCES = ['Your order has been packed', 'It will leave the house tomorrow', 'You will hear from us'];
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const queue = [...SENTENCES];
  let player;
  const next = () => {
    const text = queue.shift();
    if (!text) return call.hangup();
    player = VoxEngine.createTTSPlayer(text, { voice: VoiceList.Google.en_US_Wavenet_A, ttsOptions: { rate: 'slow' } });
    player.addEventListener(PlayerEvents.PlaybackFinished, next);
    player.addEventListener(PlayerEvents.Stopped, () => { Logger.write(`skipped: ${text}`); next(); });
    player.sendMediaTo(call);
  };
  call.handleTones(true);
  call.addEventListener(CallEvents.ToneReceived, () => player.stop());
  call.addEventListener(CallEvents.Connected, next);
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
});
