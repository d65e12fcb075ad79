// Reports to a service that is gone are taken, and calls can be chained.
VoxEngine.addEventListener(AppEvents.Started, async () => {
    const chained = MeasurementProtocol.setup("UA-0000-1").setApplicationInfo({ appName: "demo" }).setTrafficSource({}).startSession()
        .sendEvent({ category: "call", action: "start" }).sendTiming({}).sendItem({}).sendSocial({}).sendTransaction({})
        .sendException({ description: "none" }).endSession();
    Logger.write(`${chained === MeasurementProtocol}`);
    Logger.write(`${await MeasurementProtocol.setSessionByCallerId({ callerId: "15550001111" }) === MeasurementProtocol}`);
    VoxEngine.terminate();
});
