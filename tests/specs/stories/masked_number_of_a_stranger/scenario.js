// Number masking: our backend says whom the caller is to be connected with.
const BACKEND = 'https://api.example.org/mask';
VoxEngine.addEventListener(AppEvents.CallAlerting, async (e) => {
  const call = e.call;
  const url = `${BACKEND}?from=${encodeURIComponent(e.callerid)}&to=${encodeURIComponent(e.destination)}`;
  const response = await Net.httpRequestAsync(url, { headers: ['Accept: application/json'], timeout: 5 });
  if (response.code !== 200) { Logger.write('no pair: ' + response.code); call.reject(404); VoxEngine.terminate(); return; }
  const pair = JSON.parse(response.text);
  const out = VoxEngine.callPSTN(pair.number, pair.mask);
  VoxEngine.easyProcess(call, out, () => Logger.write(`${call.number()} connected to ${out.number()} as ${pair.mask}`));
});
