// Every step of the recording is told to a web hook, with a signature.
const post = (body) => Net.httpRequestAsync('https://hooks.example.org/rec', { method: 'POST', postData: JSON.stringify(body), headers: { 'X-Signature': Crypto.hmac_sha256('hook-secret', JSON.stringify(body)) } });
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  call.addEventListener(CallEvents.RecordStarted, async (e) => Logger.write(`started ${(await post({ at: 'start', url: typeof e.url })).code}`));
  call.addEventListener(CallEvents.RecordStopped, async (e) => { Logger.write(`stopped ${(await post({ at: 'stop', seconds: e.duration })).code}`); VoxEngine.terminate(); });
  call.addEventListener(CallEvents.Connected, () => { call.record({ stereo: true, hd_audio: true, recordNamePrefix: 'call' }); call.say('This call is recorded'); });
  call.answer();
});
