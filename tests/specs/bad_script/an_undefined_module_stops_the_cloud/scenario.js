require(Modules.Player);
VoxEngine.addEventListener(AppEvents.Started, VoxEngine.terminate);
