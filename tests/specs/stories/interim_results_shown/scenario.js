require(Modules.ASR);
// Dictation: what is understood so far goes to the screen by a socket, and the final text replaces it.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const screen = VoxEngine.createWebSocket('wss://screen.example.com/live');
  const asr = VoxEngine.createASR({ profile: ASRProfileList.Deepgram.en_US, interimResults: true });
  asr.addEventListener(ASREvents.InterimResult, ({ text }) => screen.send(JSON.stringify({ so_far: text })));
  asr.addEventListener(ASREvents.Result, ({ text }) => {
    Logger.write(`final: ${text}`);
    screen.send(JSON.stringify({ final: text }));
  });
  screen.addEventListener(WebSocketEvents.OPEN, () => call.answer());
  screen.addEventListener(WebSocketEvents.ERROR, () => call.reject(503));
  call.addEventListener(CallEvents.Connected, () => call.sendMediaTo(asr));
  call.addEventListener(CallEvents.Disconnected, () => { screen.close(); setTimeout(VoxEngine.terminate, 1000); });
});
