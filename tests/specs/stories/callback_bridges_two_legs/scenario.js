// Click to call: the site's visitor asks over HTTP, the agent is called first, then the visitor.
VoxEngine.addEventListener(AppEvents.Started, (e) => { Logger.write('control ' + (e.accessURL ? 'url' : 'none')); });
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  if (e.method !== 'POST') return 'use POST';
  const { agent, visitor } = JSON.parse(e.content);
  connect(agent, visitor);
  return JSON.stringify({ ok: true });
});
function connect(agent, visitor) {
  const first = VoxEngine.callUser({ username: agent, callerid: visitor, displayName: 'Site' });
  first.addEventListener(CallEvents.Failed, (e) => { Logger.write(`agent ${e.code}`); VoxEngine.terminate(); });
  first.addEventListener(CallEvents.Connected, () => {
    first.say('Connecting you to a visitor');
    first.addEventListener(CallEvents.PlaybackFinished, () => {
      const second = VoxEngine.callPSTN(visitor, '15550100000');
      VoxEngine.sendMediaBetween(first, second);
      second.addEventListener(CallEvents.Connected, () => Logger.write('bridged'));
      second.addEventListener(CallEvents.Failed, () => first.hangup());
      second.addEventListener(CallEvents.Disconnected, () => first.hangup());
      first.addEventListener(CallEvents.Disconnected, () => { second.hangup(); VoxEngine.terminate(); });
    });
  });
}
