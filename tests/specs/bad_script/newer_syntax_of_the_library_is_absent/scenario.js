Logger.write([typeof Temporal, typeof Promise.withResolvers, typeof Object.groupBy].join(' '));
VoxEngine.addEventListener(AppEvents.Started, VoxEngine.terminate);
