VoxEngine.addEventListener(AppEvents.Started, () => {
    try {
        VoxEngine.createSequencePlayer([]);
    } catch (error) {
        Logger.write(error.message);
    }
    VoxEngine.terminate();
});
