VoxEngine.terminate();
