require(Modules.Conference);
require(Modules.Recorder);
// A supervisor hears both sides without being heard; the whole is recorded in one file.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const room = VoxEngine.createConference();
  const recorder = VoxEngine.createRecorder({ name: 'supervised', hd_audio: true });
  recorder.addEventListener(RecorderEvents.Stopped, ({ duration }) => Logger.write(`recorded ${duration} s`));
  const agent = VoxEngine.callUser({ username: 'agent', callerid: call.callerid() });
  const supervisor = VoxEngine.callUser({ username: 'supervisor', callerid: call.callerid() });
  agent.addEventListener(CallEvents.Connected, () => {
    call.answer();
    [call, agent].forEach((leg) => room.add({ call: leg, mode: 'MIX', direction: 'BOTH' }));
    room.sendMediaTo(recorder);
  });
  supervisor.addEventListener(CallEvents.Connected, () => room.add({ call: supervisor, mode: 'MIX', direction: 'RECEIVE' }));
  [agent, call].forEach((leg) => leg.addEventListener(CallEvents.Disconnected, () => {
    [call, agent, supervisor].forEach((other) => other.hangup());
    recorder.stop();
    setTimeout(VoxEngine.terminate, 500);
  }));
});
