VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => call.reject(486));
