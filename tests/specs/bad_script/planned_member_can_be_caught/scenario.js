require(Modules.Avatar);
VoxEngine.addEventListener(AppEvents.Started, () => {
    try {
        VoximplantAvatar.createAvatar();
    } catch (error) {
        Logger.write(error.message);
    }
    VoxEngine.terminate();
});
