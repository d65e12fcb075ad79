// The operator does not answer, and the task is cancelled.
require(Modules.SmartQueue);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.answer();
    const task = VoxEngine.enqueueTask({ call, queue: { id: 7 } });
    task.addEventListener(SmartQueueEvents.TaskCanceled, (e) => {
        Logger.write(`${e.name} ${e.status === TerminationStatus.OPERATOR_NOT_AVAILABLE} ${e.description}`);
        call.hangup();
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
