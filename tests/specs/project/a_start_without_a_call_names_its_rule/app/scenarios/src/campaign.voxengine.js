VoxEngine.addEventListener(AppEvents.Started, () => { Logger.write(VoxEngine.customData()); VoxEngine.terminate(); });
