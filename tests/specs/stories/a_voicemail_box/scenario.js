// Nobody answers: the caller leaves a message, ends it with the hash key, and a mail tells of it.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  let url;
  call.handleTones(true);
  call.addEventListener(CallEvents.Connected, () => call.say('Leave a message and press the hash key'));
  call.addEventListener(CallEvents.PlaybackFinished, () => call.record({ stereo: false, name: 'voicemail' }));
  call.addEventListener(CallEvents.RecordStarted, (e) => { ({ url } = e); });
  call.addEventListener(CallEvents.ToneReceived, ({ tone }) => { if (tone === '#') call.hangup(); });
  call.addEventListener(CallEvents.RecordStopped, async ({ duration }) => {
    const result = await Net.sendMailAsync('mail.example.com', 'box@example.com', 'office@example.com', `Message from ${call.callerid()}`,
      `${duration} s at ${url}`, { port: 587, login: 'box', password: 'none' });
    Logger.write(`${duration} ${result.code}`);
    VoxEngine.terminate();
  });
  call.answer();
});
