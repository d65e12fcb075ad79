// Nobody answers in the queue; another request is cancelled before; and what is no queue is named.
const wrong = [() => VoxEngine.enqueueACDRequest("sales", "1"), () => require(Modules.ACD), () => VoxEngine.enqueueACDRequest(), () => new ACDRequest().id()];
VoxEngine.addEventListener(AppEvents.Started, () => {
    wrong.forEach((attempt) => {
        try {
            attempt();
        } catch (error) {
            Logger.write(String(error));
        }
    });
    const cancelled = VoxEngine.enqueueACDRequest("sales", "100");
    cancelled.addEventListener(ACDEvents.OperatorReached, () => Logger.write("never"));
    cancelled.cancel();
    const request = VoxEngine.enqueueACDRequest("sales", "100");
    request.addEventListener(ACDEvents.OperatorFailed, (e) => Logger.write(`${e.name} ${e.operatorUserName} ${e.statusCode}`));
    request.addEventListener(ACDEvents.Offline, (e) => {
        Logger.write(`${e.name} ${e.request.id() !== cancelled.id()}`);
        request.cancel();
        VoxEngine.terminate();
    });
});
