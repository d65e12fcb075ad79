// Rings three people one after the other, then records a message. Old style throughout.
var numbers = ["15550000001", "15550000002", "15550000003"], inCall, outCall, index = -1, answered = false;
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  inCall = e.call;
  inCall.startEarlyMedia();
  inCall.playProgressTone("US");
  inCall.addEventListener(CallEvents.Disconnected, function () { if (outCall) outCall.hangup(); VoxEngine.terminate(); });
  next();
});
function next() {
  index++;
  if (index == numbers.length) { voicemail(); return; }
  outCall = VoxEngine.callPSTN(numbers[index], inCall.callerid());
  var timer = setTimeout(function () { outCall.hangup(); }, 8000);
  outCall.addEventListener(CallEvents.Connected, function () {
    clearTimeout(timer); answered = true;
    inCall.answer();
    VoxEngine.sendMediaBetween(inCall, outCall);
  });
  outCall.addEventListener(CallEvents.Failed, function (e) { clearTimeout(timer); Logger.write(numbers[index] + " " + e.code); next(); });
  outCall.addEventListener(CallEvents.Disconnected, function () { if (answered) inCall.hangup(); else next(); });
}
function voicemail() {
  outCall = null;
  inCall.answer();
  setTimeout(function () {
    inCall.say("Nobody is here. Leave a message", Language.UK_ENGLISH_FEMALE);
    inCall.addEventListener(CallEvents.PlaybackFinished, function () { inCall.record(); });
    inCall.addEventListener(CallEvents.RecordStarted, function (e) { Logger.write("recording " + (e.url.length > 0)); setTimeout(function () { inCall.hangup(); }, 5000); });
    inCall.addEventListener(CallEvents.RecordStopped, function (e) { Logger.write("recorded " + (e.duration > 0)); });
  }, 100);
}
