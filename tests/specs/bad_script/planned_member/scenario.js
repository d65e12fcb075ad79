require(Modules.Avatar); VoxEngine.addEventListener(AppEvents.Started, () => {
    VoximplantAvatar.createAvatar();
});
