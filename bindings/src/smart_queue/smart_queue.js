// SmartQueue: a task for an operator of a queue (semantics 8.5). There is no queue here: the task stands first in it, and after
// a while the operator, a user named `operator`, is called. An expression whose value holds the class and its function.
(() => {
    "use strict";

    /** Until the task stands in the queue, and until an operator is free. */
    const QUEUED_MS = 100;
    const FREE_MS = 2000;
    const OPERATOR = "operator";
    const OPERATOR_ID = 1;

    let made = 0;
    const insides = new WeakMap();

    const of = (task) => {
        const inside = insides.get(task);
        if (!inside) throw new TypeError("SmartQueueTask: this is no task");
        return inside;
    };

    const tell = (task, name, fields = {}) => {
        const listeners = of(task).listeners.get(name) || [];
        listeners.slice().forEach((listener) => listener({ name, task, ...fields }));
    };

    /** The task is taken out of the queue, and an operator that is being called is hung up. */
    const leave = (task) => {
        const inside = of(task);
        if (inside.over) return false;
        inside.over = true;
        clearTimeout(inside.timer);
        if (inside.agentCall && !inside.reached) inside.agentCall.hangup();
        return true;
    };

    const cancel = (task, status, description) => {
        if (leave(task)) tell(task, SmartQueueEvents.TaskCanceled, { status, description });
    };

    /** Calls the operator; whoever does not answer was the last one. */
    const distribute = (task) => {
        const inside = of(task);
        const { parameters } = inside;
        const callerid = parameters.call ? parameters.call.callerid() : "";
        const { extraHeaders, video } = parameters;
        tell(task, SmartQueueEvents.TaskDistributed, { operatorId: OPERATOR_ID, operatorName: OPERATOR });
        if (inside.over) return;
        const agentCall = VoxEngine.callUser({ username: OPERATOR, callerid, extraHeaders, video: Boolean(video) });
        inside.agentCall = agentCall;
        agentCall.addEventListener(CallEvents.Connected, () => {
            if (inside.over) return;
            inside.reached = true;
            tell(task, SmartQueueEvents.OperatorReached, { agentCall });
        });
        agentCall.addEventListener(CallEvents.Failed, (e) => {
            inside.agentCall = null;
            cancel(task, TerminationStatus.OPERATOR_NOT_AVAILABLE, `${e.code} ${e.reason}`);
        });
    };

    const watch = (task, call) => {
        call.addEventListener(CallEvents.Disconnected, () => {
            if (of(task).over || of(task).reached) return;
            const taken = () => cancel(task, TerminationStatus.CLIENT_TERMINATE, "the client has left");
            tell(task, SmartQueueEvents.ClientDisconnected, { cancel: taken });
        });
    };

    class SmartQueueTask {
        addEventListener(event, listener) {
            const { listeners } = of(this);
            listeners.set(event, [...(listeners.get(event) || []), listener]);
        }

        removeEventListener(event, listener) {
            const { listeners } = of(this);
            const kept = listener === undefined ? [] : (listeners.get(event) || []).filter((known) => known !== listener);
            listeners.set(event, kept);
        }

        get id() {
            return of(this).id;
        }

        get parameters() {
            return of(this).parameters;
        }

        get clientCall() {
            return of(this).parameters.call || null;
        }

        get agentCall() {
            return of(this).agentCall || null;
        }

        /** Takes the task out of the queue, or ends its conversation; its calls are the scenario's. */
        end(description, terminationStatus) {
            leave(this);
        }
    }

    const enqueueTask = (parameters) => {
        if (!parameters || typeof parameters !== "object" || !parameters.queue) {
            throw new TypeError("VoxEngine.enqueueTask: argument 1 must be an object with a queue");
        }
        const task = Object.create(SmartQueueTask.prototype);
        made += 1;
        const inside = { id: `task-${made}`, parameters, listeners: new Map(), over: false, reached: false };
        insides.set(task, inside);
        if (parameters.call instanceof Call) watch(task, parameters.call);
        inside.timer = setTimeout(() => {
            inside.timer = setTimeout(() => distribute(task), FREE_MS);
            tell(task, SmartQueueEvents.EnqueueSuccess);
            const waiting = { ewt: FREE_MS, position: 1, code: TaskWaitingCode.SUCCESS, message: "" };
            if (!inside.over) tell(task, SmartQueueEvents.Waiting, waiting);
        }, QUEUED_MS);
        return task;
    };

    return { SmartQueueTask, enqueueTask };
})()
