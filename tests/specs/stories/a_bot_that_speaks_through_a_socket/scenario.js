// A bot of one's own behind a socket: it hears the caller, and the sound that it sends is played.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const bot = VoxEngine.createWebSocket('wss://bot.example.com/voice', { headers: [{ name: 'X-Caller', value: call.callerid() }] });
  bot.addEventListener(WebSocketEvents.OPEN, () => call.answer());
  bot.addEventListener(WebSocketEvents.CLOSE, ({ code }) => { Logger.write(`bot left: ${code}`); call.hangup(); });
  bot.addEventListener(WebSocketEvents.MEDIA_STARTED, ({ encoding, tag }) => Logger.write(`bot speaks ${encoding} ${tag}`));
  bot.addEventListener(WebSocketEvents.MEDIA_ENDED, ({ mediaInfo }) => Logger.write(`bot spoke ${mediaInfo.duration} s`));
  bot.addEventListener(WebSocketEvents.MESSAGE, ({ text }) => {
    const { command } = JSON.parse(text);
    Logger.write(`command ${command}`);
    if (command === 'hangup') call.hangup();
  });
  call.addEventListener(CallEvents.Connected, () => {
    call.sendMediaTo(bot, { encoding: WebSocketAudioEncoding.PCM16_16KHZ, tag: 'caller', customParameters: { line: '1' } });
    bot.sendMediaTo(call);
  });
  call.addEventListener(CallEvents.Disconnected, () => { bot.close(); setTimeout(VoxEngine.terminate, 500); });
});
