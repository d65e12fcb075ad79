/**
 * The shortest whole voice agent: OpenAI Realtime hears and speaks, the caller may interrupt.
 *
 * Shows what the audio modality brings: WebSocketMediaStarted and WebSocketMediaEnded tell when the agent's sound is
 * played, transcripts tell what it said, and clearMediaBuffer() stops what was received and not yet played. The item that
 * was cut is truncated at the provider too, so that the model knows how much of it the caller has heard.
 */

require(Modules.OpenAI);

VoxEngine.addEventListener(AppEvents.CallAlerting, async ({call}) => {
    let client;
    let speaking = null; // the item that is being played, and since when

    call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
    call.addEventListener(CallEvents.Failed, () => VoxEngine.terminate());

    try {
        call.answer();
        client = await OpenAI.createRealtimeAPIClient({
            apiKey: VoxEngine.getSecretValue("OPENAI_API_KEY"),
            model: "gpt-realtime",
            onWebSocketClose: (event) => {
                Logger.write(`===CLOSED=== ${event.code} ${event.reason}`);
                VoxEngine.terminate();
            },
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.SessionCreated, () => {
            client.sessionUpdate({
                session: {
                    type: "realtime",
                    output_modalities: ["audio"],
                    instructions: "You are a friendly assistant on the phone. Be brief.",
                    audio: {
                        input: {
                            transcription: {model: "gpt-4o-transcribe"},
                            turn_detection: {type: "server_vad", silence_duration_ms: 400, interrupt_response: true},
                        },
                        output: {voice: "marin"},
                    },
                },
            });
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.SessionUpdated, () => {
            VoxEngine.sendMediaBetween(call, client);
            client.responseCreate({response: {instructions: "Hello! You can interrupt me at any time."}});
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.ResponseOutputItemAdded, (event) => {
            speaking = {id: event.data.payload.item.id, since: null};
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.InputAudioBufferSpeechStarted, () => {
            client.clearMediaBuffer();
            if (speaking?.since) {
                Logger.write("===BARGE-IN===");
                const audio_end_ms = Date.now() - speaking.since;
                client.conversationItemTruncate({item_id: speaking.id, content_index: 0, audio_end_ms});
            }
            speaking = null;
        });

        client.addEventListener(OpenAI.Events.WebSocketMediaStarted, (event) => {
            Logger.write(`===${event.name}===`);
            if (speaking) speaking.since = Date.now();
        });
        client.addEventListener(OpenAI.Events.WebSocketMediaEnded, (event) => {
            Logger.write(`===${event.name}=== ${JSON.stringify(event.mediaInfo)}`);
            speaking = null;
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.ResponseOutputAudioTranscriptDone, (event) => {
            Logger.write(`===AGENT=== ${event.data.payload.transcript}`);
        });
        client.addEventListener(OpenAI.RealtimeAPIEvents.ConversationItemInputAudioTranscriptionCompleted, (event) => {
            Logger.write(`===CALLER=== ${event.data.payload.transcript}`);
        });
        client.addEventListener(OpenAI.RealtimeAPIEvents.Error, (event) => {
            const {message} = event.data.payload.error;
            // The item had been played to its end before the caller spoke: there was nothing to cut.
            if (!/already shorter/.test(message)) Logger.write(`===ERROR=== ${message}`);
        });
    } catch (error) {
        Logger.write(`===UNHANDLED_ERROR=== ${error}`);
        client?.close();
        VoxEngine.terminate();
    }
});
