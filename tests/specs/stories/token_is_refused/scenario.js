// OAuth, then a call of the API that is tried again with growing pauses.
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function token() {
  const r = await Net.httpRequestAsync('https://auth.example.org/token', { method: 'POST', params: { grant: 'client' }, headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, postData: 'id=me&secret=' + encodeURIComponent(VoxEngine.getSecretValue('CLIENT')) });
  if (r.code !== 200) throw new Error(`token: ${r.code}`);
  return JSON.parse(r.text).access_token;
}
async function withRetries(run, tries = 4) {
  for (let n = 1; ; n++) {
    const r = await run();
    Logger.write(`try ${n}: ${r.code}`);
    if (r.code === 200 || n === tries) return r;
    await sleep(2 ** n * 500);
  }
}
VoxEngine.addEventListener(AppEvents.Started, async () => {
  try {
    const bearer = await token();
    const r = await withRetries(() => Net.httpRequestAsync('https://api.example.org/tickets', { headers: { Authorization: `Bearer ${bearer}` }, rawOutput: false }));
    Logger.write(`${r.headers.length > 0} ${JSON.parse(r.text).length} tickets`);
  } catch (e) { Logger.write(e.message); }
  VoxEngine.terminate();
});
