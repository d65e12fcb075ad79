// A counter that two sessions of one run share, a value that expires, and what the storage refuses.
require(Modules.ApplicationStorage);
const attempt = async (what, run) => {
    try {
        Logger.write(`${what}: ${JSON.stringify(await run())}`);
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
VoxEngine.addEventListener(AppEvents.Started, async () => {
    Logger.write(JSON.stringify(await ApplicationStorage.get("visits")));
    await ApplicationStorage.put("visits", 1, 3600);
    await ApplicationStorage.put("call:1", "a", 1);
    await ApplicationStorage.put("call:2", "b");
    await attempt("keys", () => ApplicationStorage.keys("call"));
    await attempt("one key", () => ApplicationStorage.keys("", 1));
    await attempt("empty key", () => ApplicationStorage.get(""));
    await attempt("long key", () => ApplicationStorage.put("k".repeat(201), "v", 1));
    await attempt("long value", () => ApplicationStorage.put("k", "v".repeat(2001), 1));
    await attempt("long life", () => ApplicationStorage.put("k", "v", 7776001));
    await attempt("no key", () => ApplicationStorage.get());
    const call = VoxEngine.callConference("room1", "100");
    call.addEventListener(CallEvents.Disconnected, async () => {
        await attempt("visits", () => ApplicationStorage.get("visits"));
        await attempt("expired", () => ApplicationStorage.get("call:1"));
        await attempt("removed", () => ApplicationStorage.remove("call:2"));
        await attempt("removed twice", () => ApplicationStorage.remove("call:2"));
        VoxEngine.terminate();
    });
});
