// IVRState and IVR.reset (semantics 8.5): the platform writes these in JavaScript too. An expression whose value holds them.
(() => {
    "use strict";

    /** Until a key is pressed, and between two of them. */
    const TIMEOUT_MS = 5000;
    const TYPES = ["select", "inputfixed", "inputunknown", "noinput"];

    /** The state that each call is in, and what it waits for. */
    let visits = new Map();

    const isFunction = (value) => typeof value === "function";

    /** Ends the stay of a call in a state. */
    const leave = (visit) => {
        visit.over = true;
        clearTimeout(visit.timer);
        visit.call.removeEventListener(CallEvents.ToneReceived, visit.onTone);
        visit.call.removeEventListener(CallEvents.PlaybackFinished, visit.onPlayed);
        visit.call.removeEventListener(CallEvents.Disconnected, visit.onEnd);
        if (visits.get(visit.call) === visit) visits.delete(visit.call);
    };

    const wait = (visit) => {
        clearTimeout(visit.timer);
        visit.timer = setTimeout(() => timedOut(visit), visit.state.settings.timeout || TIMEOUT_MS);
    };

    /** The input is complete: the next state is entered, or the author is told. */
    const complete = (visit) => {
        const { state, call } = visit;
        const { settings, input } = state;
        if (isFunction(settings.inputValidator) && !settings.inputValidator(input)) {
            state.enter(call);
            return;
        }
        leave(visit);
        call.stopPlayback();
        if (isFunction(state.onInputComplete)) state.onInputComplete(input);
        const next = settings.type === "select" ? (settings.nextStates || {})[input] : settings.nextState;
        if (next && !visits.has(call)) next.enter(call);
    };

    const timedOut = (visit) => {
        const { state } = visit;
        // What was pressed so far is all there is, when nobody knows how much there will be.
        if (state.settings.type === "inputunknown" && state.input !== "") {
            complete(visit);
            return;
        }
        leave(visit);
        if (isFunction(state.onInputTimeout)) state.onInputTimeout(state.input);
    };

    const pressed = (visit, tone) => {
        const { state, call } = visit;
        const { settings } = state;
        if (visit.over || settings.type === "noinput") return;
        call.stopPlayback();
        if (settings.type === "select") {
            state.input = tone;
            if ((settings.nextStates || {})[tone] !== undefined) complete(visit);
            else wait(visit);
            return;
        }
        if (tone === (settings.terminateOn === undefined ? "#" : settings.terminateOn)) {
            complete(visit);
            return;
        }
        state.input += tone;
        if (settings.type === "inputfixed" && state.input.length >= settings.inputLength) complete(visit);
        else wait(visit);
    };

    /** The prompt is over: the time for the input begins, or the state without input is done. */
    const played = (visit) => {
        if (visit.over) return;
        if (visit.state.settings.type === "noinput") complete(visit);
        else if (visit.state.input === "") wait(visit);
    };

    class IVRState {
        constructor(name, settings, onInputComplete, onInputTimeout) {
            if (typeof settings !== "object" || settings === null) {
                throw new TypeError("IVRState: argument 2 must be an object of settings");
            }
            if (!TYPES.includes(settings.type)) {
                throw new TypeError(`IVRState: the type must be one of ${TYPES.join(", ")}`);
            }
            this.name = name;
            this.settings = settings;
            this.input = "";
            this.onInputComplete = onInputComplete;
            this.onInputTimeout = onInputTimeout;
        }

        /** Plays the prompt to a call and waits for its keys. */
        enter(call) {
            if (call === null || typeof call !== "object" || !isFunction(call.handleTones)) {
                throw new TypeError("IVRState.enter: argument 1 must be a call");
            }
            const former = visits.get(call);
            if (former !== undefined) leave(former);
            this.input = "";
            const visit = { state: this, call, over: false, timer: undefined };
            visit.onTone = (e) => pressed(visit, e.tone);
            visit.onPlayed = () => played(visit);
            visit.onEnd = () => leave(visit);
            visits.set(call, visit);
            call.handleTones(true);
            call.addEventListener(CallEvents.ToneReceived, visit.onTone);
            call.addEventListener(CallEvents.PlaybackFinished, visit.onPlayed);
            call.addEventListener(CallEvents.Disconnected, visit.onEnd);
            const prompt = this.settings.prompt || {};
            if (prompt.play) call.startPlayback(prompt.play);
            else if (prompt.say) call.say(prompt.say, prompt.lang);
            else played(visit);
        }
    }

    /** Every call leaves the state that it is in. */
    const reset = () => {
        for (const visit of [...visits.values()]) leave(visit);
        visits = new Map();
    };

    return Object.freeze({ IVRState, reset });
})()
