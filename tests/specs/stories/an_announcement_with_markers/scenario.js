// The screen of a kiosk turns its pages while an announcement of two parts is heard.
const PARTS = [{ text: 'Platform one' }, { url: 'https://cdn.example.com/garden.ogg' }];
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.addEventListener(CallEvents.Connected, () => {
    const player = VoxEngine.createSequencePlayer({ segments: PARTS });
    PARTS.forEach((part) => player.addMarker(0, part));
    player.addMarker(-300, PARTS[1]);
    let page = 0;
    player.addEventListener(SequencePlayerEvents.PlaybackMarkerReached, () => {
      page += 1;
      Net.httpRequestAsync(`https://kiosk.example.com/page/${page}`, { method: 'PUT' }).then(({ code }) => Logger.write(`page ${page}: ${code}`));
    });
    player.addEventListener(SequencePlayerEvents.PlaybackFinished, () => call.hangup());
    player.sendMediaTo(call);
  });
  call.answer();
});
