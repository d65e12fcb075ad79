require(Modules.VoximplantAPI);
// Nobody is there: the caller is told, and gets a text message with a link.
const api = new VoximplantAPI.Client();
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
  const office = VoxEngine.callPSTN('15550100100', call.callerid());
  office.addEventListener(CallEvents.Connected, () => { call.answer(); VoxEngine.sendMediaBetween(call, office); });
  office.addEventListener(CallEvents.Disconnected, () => call.hangup());
  office.addEventListener(CallEvents.Failed, async ({ code }) => {
    Logger.write(`office: ${code}`);
    call.reject(486);
    try {
      const { result } = await api.SMS.sendSmsMessage({ source: '15550100100', destination: call.callerid(), smsBody: 'Book a call back: https://office.example.com/b' });
      Logger.write(`sent: ${result}`);
    } catch (error) {
      Logger.write(`not sent: ${error.msg}`);
    }
    VoxEngine.terminate();
  });
});
