/**
 * Push to talk: the caller decides whose turn it is. Turn detection is off; `*` opens the microphone, `#` ends the turn.
 *
 * Useful in loud places, where a voice-activity detector would hear turns that nobody took.
 */

require(Modules.OpenAI);

VoxEngine.addEventListener(AppEvents.CallAlerting, async ({call}) => {
    let client;
    let open = false;

    call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
    call.addEventListener(CallEvents.Failed, () => VoxEngine.terminate());

    try {
        call.answer();
        call.handleTones(true);
        client = await OpenAI.createRealtimeAPIClient({
            apiKey: VoxEngine.getSecretValue("OPENAI_API_KEY"),
            model: "gpt-realtime",
            onWebSocketClose: () => VoxEngine.terminate(),
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.SessionCreated, () => {
            client.sessionUpdate({
                session: {
                    type: "realtime",
                    instructions: "You answer questions of engineers in a loud hall. Be brief.",
                    audio: {input: {turn_detection: null, transcription: {model: "gpt-4o-transcribe"}}},
                },
            });
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.SessionUpdated, () => {
            VoxEngine.sendMediaBetween(call, client);
            client.responseCreate({response: {instructions: "Press star to speak and hash when you are done."}});
        });

        call.addEventListener(CallEvents.ToneReceived, ({tone}) => {
            if (tone === "*") {
                // Whatever was heard so far was not meant for the agent, and whatever it says may stop.
                client.clearMediaBuffer();
                client.inputAudioBufferClear({});
                open = true;
                Logger.write("===OPEN===");
            } else if (tone === "#" && open) {
                open = false;
                client.inputAudioBufferCommit({});
                client.responseCreate({});
                Logger.write("===COMMIT===");
            }
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.InputAudioBufferCommitted, (event) => {
            Logger.write(`===TURN=== ${event.data.payload.item_id ? "taken" : "lost"}`);
        });
        client.addEventListener(OpenAI.RealtimeAPIEvents.ConversationItemInputAudioTranscriptionCompleted, (event) => {
            Logger.write(`===CALLER=== ${event.data.payload.transcript}`);
        });
        client.addEventListener(OpenAI.RealtimeAPIEvents.ResponseOutputAudioTranscriptDone, (event) => {
            Logger.write(`===AGENT=== ${event.data.payload.transcript}`);
        });
        client.addEventListener(OpenAI.RealtimeAPIEvents.Error, (event) => {
            Logger.write(`===ERROR=== ${event.data.payload.error.code}`);
        });
    } catch (error) {
        Logger.write(`===UNHANDLED_ERROR=== ${error}`);
        client?.close();
        VoxEngine.terminate();
    }
});
