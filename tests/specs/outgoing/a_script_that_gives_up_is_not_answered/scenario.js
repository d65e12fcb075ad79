VoxEngine.addEventListener(AppEvents.Started, () => {
    const call = VoxEngine.callSIP("sip:bob@example.invalid", { callerid: "200", displayName: "Two", headers: { "X-Id": "7" } });
    setTimeout(() => call.hangup(), 1000);
    call.addEventListener(CallEvents.Connected, () => Logger.write("Connected"));
    call.addEventListener(CallEvents.Failed, (e) => {
        Logger.write(`Failed ${e.code}`);
        setTimeout(VoxEngine.terminate, 3000);
    });
});
