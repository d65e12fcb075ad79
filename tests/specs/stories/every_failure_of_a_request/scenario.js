// A table of addresses, and what comes of each.
const TARGETS = ['ok', 'missing', 'broken', 'moved', 'late', 'text'].map((name) => `https://api.example.com/${name}`)
  .concat('https://nobody.example.com/', 'not a url', 'ftp://files.example.com/x');
VoxEngine.addEventListener(AppEvents.Started, async () => {
  for (const url of TARGETS) {
    const { code, text, error } = await Net.httpRequestAsync(url, { timeout: 3 });
    Logger.write(`${url}: ${code} ${String(text).length} ${error ?? ''}`);
  }
  VoxEngine.terminate();
});
