VoxEngine.addEventListener(AppEvents.CallAlerting, () => Logger.write('it rings'));
