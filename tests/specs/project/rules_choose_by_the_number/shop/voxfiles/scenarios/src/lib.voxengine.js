// Declares only; the scenarios after it in the rule use it.
require(Modules.ASR);
const SHOP = { name: "the corner shop" };
class Desk { constructor(call) { this.call = call; } greet(text) { this.call.say(text); } }
function endWith(call) { call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup()); call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate); }
