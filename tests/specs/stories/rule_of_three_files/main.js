// Uses what the two files before it declare.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.addEventListener(CallEvents.Connected, () => {
    if (isOpen(new Date())) return sayAndHangUp(call, CONFIG.greeting);
    sayAndHangUp(call, `We are open from ${CONFIG.hours.join(' to ')}`);
  });
  call.answer();
});
