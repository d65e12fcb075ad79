VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.handleTones(true);
    call.addEventListener(CallEvents.ToneReceived, ({ tone }) => Logger.write(`tone ${tone}`));
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
