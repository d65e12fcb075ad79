VoxEngine.addEventListener(AppEvents.Started, () => {
    VoxEngine.createSequencePlayer([]);
});
