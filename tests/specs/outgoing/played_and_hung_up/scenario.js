// Whoever calls hears a file and is hung up on; a second listener was removed before.
const never = () => Logger.write("this listener was removed");
VoxEngine.addEventListener(AppEvents.CallAlerting, never);
VoxEngine.removeEventListener(AppEvents.CallAlerting, never);
VoxEngine.playSoundAndHangup("https://files.test/garden.wav");
