VoxEngine.addEventListener(AppEvents.CallAlerting, 'answer');
