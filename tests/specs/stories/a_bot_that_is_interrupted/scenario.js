require(Modules.ASR);
// The caller speaks over the bot: what the bot still had to say is thrown away.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const bot = VoxEngine.createWebSocket('wss://bot.example.com/voice');
  const ear = VoxEngine.createASR({ profile: ASRProfileList.Google.en_US });
  ear.addEventListener(ASREvents.CaptureStarted, () => { Logger.write('interrupted'); bot.clearMediaBuffer(); });
  ear.addEventListener(ASREvents.Result, ({ text }) => bot.send(JSON.stringify({ said: text })));
  bot.addEventListener(WebSocketEvents.OPEN, () => call.answer());
  bot.addEventListener(WebSocketEvents.MESSAGE, ({ text }) => Logger.write(text));
  call.addEventListener(CallEvents.Connected, () => {
    call.sendMediaTo(bot, { encoding: 'ULAW' });
    call.sendMediaTo(ear);
    bot.sendMediaTo(call);
  });
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
