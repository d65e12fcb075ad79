// Counts one visit more, and ends the call after two seconds.
require(Modules.ApplicationStorage);
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
    call.answer();
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    const { value } = await ApplicationStorage.get("visits");
    await ApplicationStorage.put("visits", String(Number(value) + 1), 3600);
    setTimeout(() => call.hangup(), 2000);
});
