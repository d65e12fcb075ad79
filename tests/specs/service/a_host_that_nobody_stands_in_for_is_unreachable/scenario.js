// Nothing leaves the machine offline: what no stand-in answers fails as an unreachable host does. A wrong URL, a stand-in
// that refuses and one that never answers have codes of their own.
const ask = (url, options) => Net.httpRequestAsync(url, options);
VoxEngine.addEventListener(AppEvents.Started, async () => {
    for (const url of ["https://nobody.test/", "mailto:me", "", "https://crm.test/refused", "https://crm.test/hangs"]) {
        const { code, error, text } = await ask(url, { timeout: 5 });
        Logger.write(`${url} ${code} ${error} ${text}`);
    }
    VoxEngine.terminate();
});
