// Typed by somebody who knew only the oldest pages: globals, positional forms, names of old.
var inCall, outCall
VoxEngine.addEventListener(AppEvents.CallAlerting, handleIncoming)
function handleIncoming(e) {
  inCall = e.call
  name = e.displayName || 'stranger'
  inCall.addEventListener(CallEvents.Connected, function () {
    inCall.say('Hello ' + name, Language.US_ENGLISH_FEMALE)
    inCall.addEventListener(CallEvents.PlaybackFinished, bridge)
  })
  inCall.addEventListener(CallEvents.Disconnected, VoxEngine.terminate)
  inCall.answer()
}
function bridge() {
  inCall.removeEventListener(CallEvents.PlaybackFinished)
  outCall = VoxEngine.callSIP('sip:100@pbx.example.com', '15550100100', 'Voxrun', 'secret', 'user', { 'X-Name': name })
  outCall.addEventListener(CallEvents.Failed, function (f) { Logger.write('failed ' + f.code + ' ' + f.reason); inCall.hangup() })
  VoxEngine.sendMediaBetween(inCall, outCall)
  outCall.addEventListener(CallEvents.Disconnected, VoxEngine.terminate)
}
