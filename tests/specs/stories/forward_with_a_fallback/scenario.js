// SIP desk first; when it refuses, the mobile; when that does not answer either, the caller hears why.
var TARGETS = [
  function () { return VoxEngine.callSIP('sip:desk@pbx.example.com', { callerid: '100' }); },
  function (call) { return VoxEngine.callPSTN('15550100200', call.callerid()); }
];
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  var call = e.call, outbound;
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.ring();
  function attempt(i) {
    if (i >= TARGETS.length) {
      call.answer();
      call.say('Sorry, nobody can take your call', { voice: VoiceList.Amazon.en_US_Joanna });
      call.addEventListener(CallEvents.PlaybackFinished, function () { call.hangup(); });
      return;
    }
    outbound = TARGETS[i](call);
    outbound.addEventListener(CallEvents.Failed, function (f) { Logger.write('target ' + i + ': ' + f.code); attempt(i + 1); });
    outbound.addEventListener(CallEvents.Connected, function () {
      call.answer();
      VoxEngine.sendMediaBetween(call, outbound);
    });
    outbound.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  }
  attempt(0);
});
