// ACD: a request for an operator of a queue (semantics 8.5). There is no queue here: the request stands first in it, and after
// a while the operator, a user named `operator`, is called. An expression whose value holds the class and its function.
(() => {
    "use strict";

    /** Until the request stands in the queue, and until an operator is free. */
    const QUEUED_MS = 100;
    const FREE_MS = 2000;
    const OPERATOR = "operator";

    let made = 0;
    const insides = new WeakMap();

    const of = (request) => {
        const inside = insides.get(request);
        if (!inside) throw new TypeError("ACDRequest: this is no request");
        return inside;
    };

    const tell = (request, name, fields = {}) => {
        const listeners = of(request).listeners.get(name) || [];
        listeners.slice().forEach((listener) => listener({ name, request, ...fields }));
    };

    /** Calls the operator; whoever does not answer was the last one. */
    const attempt = (request) => {
        const inside = of(request);
        const { callerid, options } = inside;
        const { headers: extraHeaders, video } = options;
        const operatorCall = VoxEngine.callUser({ username: OPERATOR, callerid, extraHeaders, video: Boolean(video) });
        inside.operatorCall = operatorCall;
        operatorCall.addEventListener(CallEvents.Connected, () => {
            inside.over = true;
            tell(request, ACDEvents.OperatorReached, { operatorCall });
        });
        operatorCall.addEventListener(CallEvents.Failed, (e) => {
            if (inside.over) return;
            inside.over = true;
            tell(request, ACDEvents.OperatorFailed, { operatorUserName: OPERATOR, statusCode: e.code });
            tell(request, ACDEvents.Offline);
        });
        tell(request, ACDEvents.OperatorCallAttempt, { operatorCall });
    };

    class ACDRequest {
        addEventListener(event, listener) {
            const { listeners } = of(this);
            listeners.set(event, [...(listeners.get(event) || []), listener]);
        }

        removeEventListener(event, listener) {
            const { listeners } = of(this);
            const kept = listener === undefined ? [] : (listeners.get(event) || []).filter((known) => known !== listener);
            listeners.set(event, kept);
        }

        id() {
            return of(this).id;
        }

        /** Nobody is waited for any more. An operator that is being called is hung up. */
        cancel() {
            const inside = of(this);
            if (inside.over) return;
            inside.over = true;
            clearTimeout(inside.timer);
            if (inside.operatorCall) inside.operatorCall.hangup();
        }

        /** Asks where the request stands; the answer is an event. */
        getStatus() {
            const inside = of(this);
            if (!inside.over) setTimeout(() => tell(this, ACDEvents.Waiting, { ewt: 1, position: 1 }), QUEUED_MS);
        }
    }

    const enqueueACDRequest = (queueName, callerid, options) => {
        if (typeof queueName !== "string" || queueName === "") {
            throw new TypeError("VoxEngine.enqueueACDRequest: argument 1 must be the name of a queue");
        }
        const request = Object.create(ACDRequest.prototype);
        made += 1;
        const inside = { id: `acd-${made}`, callerid, options: options || {}, listeners: new Map(), over: false };
        insides.set(request, inside);
        inside.timer = setTimeout(() => {
            inside.timer = setTimeout(() => attempt(request), FREE_MS);
            tell(request, ACDEvents.Queued);
        }, QUEUED_MS);
        return request;
    };

    return { ACDRequest, enqueueACDRequest };
})()
