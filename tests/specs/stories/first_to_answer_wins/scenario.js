const team = ['anna', 'ben', 'carl'];
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  let winner = null;
  call.ring();
  const legs = team.map((name) => {
    const leg = VoxEngine.callUser(name, call.callerid());
    leg.addEventListener(CallEvents.Connected, () => {
      if (winner) { leg.hangup(); return; }
      winner = leg;
      Logger.write(`${name} wins`);
      legs.filter((other) => other !== leg).forEach((other) => other.hangup());
      call.answer();
      VoxEngine.sendMediaBetween(call, leg);
    });
    leg.addEventListener(CallEvents.Failed, ({ code }) => {
      Logger.write(`${name} ${code}`);
      if (!winner && legs.every((l) => l.state() === 'TERMINATED' || l === leg)) call.reject(486);
    });
    leg.addEventListener(CallEvents.Disconnected, () => { if (leg === winner) call.hangup(); });
    return leg;
  });
  call.addEventListener(CallEvents.Disconnected, () => { legs.forEach((l) => l.hangup()); VoxEngine.terminate(); });
});
