let call, muted = false;
const LIMIT = 2;
class Desk { name() { return "mute"; } }
VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  call = e.call;
  tell();
  call.reject(486);
  missing.thing();
});
