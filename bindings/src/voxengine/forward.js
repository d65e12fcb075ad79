// easyProcess and what is built on it (semantics 4.1): the platform writes these in JavaScript too. A function that makes an
// object of the functions.
((note) => {
    "use strict";

    const APPLICATION_JSON = "application/json";
    const APPLICATION_SDP = "application/sdp";

    const isFunction = (value) => typeof value === "function";

    const mustBeCall = (value, position) => {
        if (value === null || typeof value !== "object" || !isFunction(value.addEventListener)) {
            throw new TypeError(`VoxEngine.easyProcess: argument ${position} must be a call`);
        }
    };

    // The platform's own mark of a conference leg; it is no property of a call here.
    const schemeOf = (event) => (event.scheme ? event.scheme : undefined);

    /** Passes on what one leg is told to the other. */
    const relay = (from, to) => {
        from.addEventListener(CallEvents.MessageReceived, (e) => to.sendMessage(e.text));
        from.addEventListener(CallEvents.InfoReceived, (e) => to.sendInfo(e.mimeType, e.body, e.headers));
        from.addEventListener(CallEvents.ReInviteReceived, (e) => {
            if (to.clientType() === "pstn" && e.mimeType === APPLICATION_JSON) {
                from.acceptReInvite(e.headers, APPLICATION_SDP, "");
            } else {
                to.reInvite(e.headers, e.mimeType, e.body);
            }
        });
        from.addEventListener(CallEvents.ReInviteAccepted, (e) => {
            if (to.clientType() !== "pstn") to.acceptReInvite(e.headers, e.mimeType, e.body);
        });
        from.addEventListener(CallEvents.ReInviteRejected, (e) => {
            to.rejectReInvite(e.headers, { code: e.code, reason: e.reason });
        });
    };

    /** Bridges an incoming call and one that was placed: whoever ends it ends the session. */
    const easyProcess = (call1, call2, onEstablished, direct = false) => {
        mustBeCall(call1, 1);
        mustBeCall(call2, 2);
        if (call1.state() === "CONNECTED") {
            note("F-049", "easyProcess answers the incoming call by itself; it was answered already, and in the cloud the call breaks here");
        }
        call2.addEventListener(CallEvents.Connected, (e) => {
            const parameters = { displayName: e.call.displayName() };
            if (direct) {
                call1.answerDirect(call2, e.headers, parameters);
                return;
            }
            const scheme = schemeOf(e);
            if (scheme !== undefined) parameters.scheme = scheme;
            call1.answer(e.headers, parameters);
        });
        VoxEngine.sendMediaBetween(call1, call2);
        call1.addEventListener(CallEvents.Connected, () => {
            if (isFunction(onEstablished)) onEstablished(call1, call2);
        });
        call2.addEventListener(CallEvents.Ringing, () => call1.ring());
        call2.addEventListener(CallEvents.AudioStarted, (e) => {
            const scheme = schemeOf(e);
            if (scheme === undefined) call1.startEarlyMedia();
            else call1.startEarlyMedia(null, scheme);
        });
        relay(call1, call2);
        relay(call2, call1);
        for (const call of [call1, call2]) {
            call.addEventListener(CallEvents.Failed, () => JSession.close());
            call.addEventListener(CallEvents.Disconnected, () => JSession.close());
        }
    };

    /** Forwards every call that comes in to what `place` calls. */
    const forward = (place, onEstablished, direct) => {
        VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
            easyProcess(e.call, place(e), onEstablished, direct);
        });
    };

    const forwardCallToPSTN = (numberTransform, onEstablished, options) => {
        forward((e) => {
            const number = isFunction(numberTransform) ? numberTransform(e.destination) : e.destination;
            const callerid = options && options.callerid ? options.callerid : e.callerid;
            return VoxEngine.callPSTN(number, callerid, options);
        }, onEstablished);
    };

    const forwardCallToUser = (onEstablished, video) => {
        forward(
            (e) => VoxEngine.callUser(e.destination, e.callerid, e.displayName, null, video, e.scheme),
            onEstablished,
        );
    };

    const forwardCallToUserDirect = (onEstablished) => {
        const place = (e) => {
            const options = { callerid: e.callerid, displayName: e.displayName, extraHeaders: null };
            return VoxEngine.callUserDirect(e.call, e.destination, options);
        };
        forward(place, onEstablished, true);
    };

    const forwardCallToSIP = (onEstablished, video) => {
        const place = (e) => VoxEngine.callSIP(e.toURI, e.callerid, e.displayName, null, null, null, video, null);
        forward(place, onEstablished);
    };

    /** Answers the call that comes in, plays to it, and ends when that has ended or failed. */
    const playSoundAndHangup = (url) => {
        VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
            const end = () => JSession.close();
            e.call.addEventListener(CallEvents.Connected, () => e.call.startPlayback(url));
            e.call.addEventListener(CallEvents.PlaybackFinished, end);
            e.call.addEventListener(CallEvents.Failed, end);
            e.call.addEventListener(CallEvents.Disconnected, end);
            e.call.answer();
        });
    };

    return Object.freeze({
        easyProcess,
        forwardCallToPSTN,
        forwardCallToUser,
        forwardCallToUserDirect,
        forwardCallToSIP,
        playSoundAndHangup,
    });
})
