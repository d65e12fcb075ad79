// With the module, a call to a user tells of its push notification, and a call to a number does not.
require(Modules.PushService);
VoxEngine.addEventListener(AppEvents.Started, () => {
    const user = VoxEngine.callUser({ username: "ada", callerid: "15550001111" });
    user.addEventListener(CallEvents.PushSent, (e) => Logger.write(`${e.name} ${e.result}`));
    const number = VoxEngine.callPSTN("15550002222", "15550001111");
    number.addEventListener(CallEvents.PushSent, () => Logger.write("nobody is notified of this"));
    user.addEventListener(CallEvents.Connected, () => setTimeout(VoxEngine.terminate, 500));
});
