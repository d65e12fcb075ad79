VoxEngine.addEventListener(AppEvents.Started, () => {
    try {
        VoxEngine.callPSTN('1', '2');
    } catch (error) {
        Logger.write(error.message);
    }
    VoxEngine.terminate();
});
