// The client leaves before it is its turn, and the scenario takes the task out; bad arguments are named.
require(Modules.SmartQueue);
const attempt = (what, run) => {
    try {
        run();
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    attempt("nothing", () => VoxEngine.enqueueTask());
    attempt("no queue", () => VoxEngine.enqueueTask({ call }));
    call.answer();
    const task = VoxEngine.enqueueTask({ call, queue: { name: "support" } });
    task.addEventListener(SmartQueueEvents.ClientDisconnected, (e) => {
        Logger.write(e.name);
        e.cancel();
    });
    task.addEventListener(SmartQueueEvents.TaskCanceled, (e) => {
        Logger.write(`${e.name} ${e.status === TerminationStatus.CLIENT_TERMINATE} ${e.description}`);
        setTimeout(VoxEngine.terminate, 5000);
    });
    task.addEventListener(SmartQueueEvents.TaskDistributed, () => Logger.write("too late"));
});
