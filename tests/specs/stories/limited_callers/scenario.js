require(Modules.ApplicationStorage);
// Three calls in twenty seconds from a number; a counter that forgets by itself.
const LIMIT = 3;
async function visits(number) {
  const key = 'rate:' + number;
  const known = await ApplicationStorage.get(key);
  const count = known ? Number(known.value) + 1 : 1;
  const left = known ? Math.max(1, known.expireAt - Math.floor(Date.now() / 1000)) : 20;
  await ApplicationStorage.put(key, String(count), left);
  return count;
}
VoxEngine.addEventListener(AppEvents.Started, async () => {
  const verdicts = [];
  for (let i = 0; i < 5; i++) verdicts.push((await visits('15551230001')) > LIMIT ? 'refused' : 'taken');
  Logger.write(verdicts.join(' '));
  const { keys } = await ApplicationStorage.keys('rate');
  Logger.write(JSON.stringify(keys));
  await new Promise((resolve) => setTimeout(resolve, 21000));
  Logger.write(`later ${await visits('15551230001')}`);
  VoxEngine.terminate();
});
