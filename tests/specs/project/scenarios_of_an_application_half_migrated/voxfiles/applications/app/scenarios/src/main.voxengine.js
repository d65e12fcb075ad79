VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => { Logger.write(call.number()); call.reject(486); });
VoxEngine.addEventListener(AppEvents.CallAlerting, () => VoxEngine.terminate());
