// A task stands in the queue, is distributed, and its operator is bridged with the client.
require(Modules.SmartQueue);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.answer();
    call.addEventListener(CallEvents.Connected, () => {
        const task = VoxEngine.enqueueTask({ call, queue: { name: "support" }, skills: [{ name: "it", level: 3 }], priority: 10 });
        Logger.write(`${typeof task.id} ${task.clientCall === call} ${task.agentCall} ${task.parameters.queue.name}`);
        const never = () => Logger.write("removed");
        task.addEventListener(SmartQueueEvents.EnqueueSuccess, never);
        task.removeEventListener(SmartQueueEvents.EnqueueSuccess, never);
        task.addEventListener(SmartQueueEvents.EnqueueSuccess, (e) => Logger.write(`${e.name} ${e.task === task}`));
        task.addEventListener(SmartQueueEvents.Waiting, (e) => Logger.write(`${e.name} ${e.ewt} ${e.position} ${e.code === TaskWaitingCode.SUCCESS}`));
        task.addEventListener(SmartQueueEvents.TaskDistributed, (e) => Logger.write(`${e.name} ${e.operatorId} ${e.operatorName}`));
        task.addEventListener(SmartQueueEvents.OperatorReached, ({ agentCall }) => {
            Logger.write(`${task.agentCall === agentCall}`);
            VoxEngine.sendMediaBetween(call, agentCall);
            agentCall.addEventListener(CallEvents.Disconnected, () => {
                task.end("done", TerminationStatus.FINISHED_BY_OPERATOR);
                call.hangup();
            });
        });
        task.addEventListener(SmartQueueEvents.TaskCanceled, (e) => Logger.write(`${e.name} ${e.status}`));
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
