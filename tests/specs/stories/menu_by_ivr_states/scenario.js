require(Modules.IVR);
// A menu written with the platform's own IVR: language first, then an order number of any length, then goodbye.
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  var call = e.call;
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.addEventListener(CallEvents.Connected, function () {
    call.handleTones(true);
    language.enter(call);
  });
  call.answer();
});
var goodbye = new IVRState('goodbye', { type: 'noinput', prompt: { say: 'Thank you, goodbye', lang: VoiceList.Amazon.en_US_Joanna } },
  function () { VoxEngine.terminate(); }, function () { VoxEngine.terminate(); });
var order = new IVRState('order', {
  type: 'inputunknown', terminateOn: '#', timeout: 4000,
  prompt: { say: 'Enter your order number and the hash key', lang: VoiceList.Amazon.en_US_Joanna }
}, function (number) { Logger.write('order ' + number); goodbye.enter(order.call); }, function () { Logger.write('no order'); goodbye.enter(order.call); });
var language = new IVRState('language', {
  type: 'inputfixed', inputLength: 1, timeout: 3000,
  prompt: { say: 'For English press one', lang: VoiceList.Amazon.en_US_Joanna }
}, function (choice) { Logger.write('language ' + choice); order.call = language.call = lastCall; order.enter(lastCall); },
function () { Logger.write('no language'); order.call = lastCall; order.enter(lastCall); });
var lastCall;
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) { lastCall = e.call; });
