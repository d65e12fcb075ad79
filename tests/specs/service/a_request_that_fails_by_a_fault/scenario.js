// The way to a host fails at the second attempt, as `--fault` says.
VoxEngine.addEventListener(AppEvents.Started, async () => {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
        const { code } = await Net.httpRequestAsync("https://crm.test/");
        Logger.write(`${attempt}: ${code}`);
    }
    VoxEngine.terminate();
});
