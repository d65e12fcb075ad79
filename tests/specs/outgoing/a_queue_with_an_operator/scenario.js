// A caller waits in a queue and hears that he does; then the operator answers and they talk.
require(Modules.ACD);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
    let request;
    call.addEventListener(CallEvents.Connected, () => {
        call.say("please wait");
        request = VoxEngine.enqueueACDRequest("sales", callerid, { priority: 10 });
        Object.keys(ACDEvents).forEach((event) => {
            request.addEventListener(ACDEvents[event], (e) => {
                Logger.write(`${e.name} ${e.request === request} ${e.operatorCall ? e.operatorCall.number() : ""} ${e.position || ""}`);
            });
        });
        request.addEventListener(ACDEvents.Queued, () => request.getStatus());
        request.addEventListener(ACDEvents.OperatorReached, ({ operatorCall }) => {
            VoxEngine.sendMediaBetween(call, operatorCall);
            operatorCall.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
        });
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
