require(Modules.Avatar);
require(Modules.AI);
// What is not built is remembered although the script catches the error.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.answer();
    try {
        VoximplantAvatar.createAvatar({ avatarId: 1 });
    } catch (error) {
        Logger.write(error.message);
    }
    try {
        new CCAI.Agent();
    } catch (error) {
        Logger.write(error.message);
    }
    try {
        new Call();
    } catch (error) {
        Logger.write(error.message);
    }
    Logger.write(String(call instanceof Call) + typeof ASRModel);
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
