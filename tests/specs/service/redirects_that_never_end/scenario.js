// A redirect is followed, a POST as a GET; one that never ends has a code of its own.
VoxEngine.addEventListener(AppEvents.Started, async () => {
    const moved = await Net.httpRequestAsync("https://old.test/a", { method: "POST", postData: "x" });
    Logger.write(`${moved.code} ${moved.text}`);
    const round = await Net.httpRequestAsync("https://old.test/round");
    Logger.write(`${round.code}`);
    VoxEngine.terminate();
});
