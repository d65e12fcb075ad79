VoxEngine.addEventListener(AppEvents.Started, () => {
    VoxEngine.callPSTN('1', '2');
});
