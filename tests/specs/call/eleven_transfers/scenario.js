// The platform takes ten transfers of one call.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Connected, () => {
        for (let n = 0; n < 11; n += 1) call.transferTo({ to: `1555000000${n}` });
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
