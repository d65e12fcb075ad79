// The same for a function of VoxEngine, in a promise.
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ callerid }) => {
    await null;
    VoxEngine.callPTSN("100", callerid);
});
