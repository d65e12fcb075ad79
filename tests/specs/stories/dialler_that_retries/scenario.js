require(Modules.AMD);
// One task of a call list: a person hears the message, a machine gets it after the beep, everybody else is called again.
VoxEngine.addEventListener(AppEvents.Started, () => {
  const task = JSON.parse(VoxEngine.customData());
  const amd = AMD.create({ model: AMD.Model.US, timeout: 6000 });
  const call = VoxEngine.callPSTN(task.phone, '15550100100', { amd });
  const leave = (text, result) => {
    call.say(text);
    call.addEventListener(CallEvents.PlaybackFinished, () => finish(() => CallList.reportResultAsync({ result, attempt: task.attempt })));
  };
  const finish = async (report) => { const { code } = await report(); Logger.write(`reported ${code}`); call.hangup(); VoxEngine.terminate(); };
  amd.addEventListener(AMD.Events.DetectionComplete, ({ resultClass }) => {
    Logger.write(resultClass);
    if (resultClass === AMD.ResultClass.HUMAN) return leave('Your appointment is tomorrow at ten', 'told');
    call.addEventListener(CallEvents.BeepDetectionComplete, () => leave('Please call us about your appointment', 'left'));
    call.enableBeepDetection({ timeout: 20000 });
  });
  call.addEventListener(CallEvents.Failed, ({ code, reason }) => {
    Logger.write(`${code} ${reason}`);
    finish(() => CallList.requestNextAttemptAsync({ start_at: '2026-01-01 12:00:00', attempts_left: 2 }));
  });
});
