// MeasurementProtocol: Google Universal Analytics, a service that is gone (semantics 8.5). Everything is taken and goes nowhere;
// each function answers with the namespace, so that calls can be chained. An expression whose value holds the functions.
(() => {
    "use strict";

    const chain = () => MeasurementProtocol;
    const later = () => Promise.resolve(MeasurementProtocol);

    return {
        endSession: chain,
        sendEvent: chain,
        sendException: chain,
        sendItem: chain,
        sendSocial: chain,
        sendTiming: chain,
        sendTransaction: chain,
        setApplicationInfo: chain,
        setSessionByCallerId: later,
        setTrafficSource: chain,
        setup: chain,
        startSession: chain,
    };
})()
