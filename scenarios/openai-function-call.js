/**
 * A voice agent that looks things up: OpenAI Realtime calls functions of this scenario.
 *
 * The model decides when to call; the scenario answers with a function_call_output item and asks for the next response.
 * It speaks itself (audio modality), so no TTS provider is needed.
 */

require(Modules.OpenAI);

const OPENING_HOURS = {
    monday: "nine to five",
    saturday: "ten to two",
    sunday: "closed all day",
};

const TOOLS = [
    {
        type: "function",
        name: "opening_hours",
        description: "When the shop is open on a day of the week",
        parameters: {
            type: "object",
            properties: {day: {type: "string", description: "The day in English, lower case"}},
            required: ["day"],
        },
    },
    {
        type: "function",
        name: "end_call",
        description: "Ends the call when the caller has nothing more to ask",
        parameters: {type: "object", properties: {}},
    },
];

VoxEngine.addEventListener(AppEvents.CallAlerting, async ({call}) => {
    let client;
    // The line stays open until the goodbye has been played to its end.
    let ending = false;

    call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
    call.addEventListener(CallEvents.Failed, () => VoxEngine.terminate());

    // Every function returns what the model is to know.
    const functions = {
        opening_hours: ({day}) => {
            const hours = OPENING_HOURS[String(day).toLowerCase()];
            return hours ? {day, hours} : {error: `no opening hours for ${day}`};
        },
        end_call: () => {
            ending = true;
            return {ok: true};
        },
    };

    function answerFunction({name, call_id, arguments: text}) {
        let output;
        try {
            output = functions[name] ? functions[name](JSON.parse(text)) : {error: `unknown function ${name}`};
        } catch (error) {
            output = {error: `bad arguments: ${error.message}`};
        }
        Logger.write(`===FUNCTION=== ${name}(${text}) -> ${JSON.stringify(output)}`);
        client.conversationItemCreate({
            item: {type: "function_call_output", call_id, output: JSON.stringify(output)},
        });
    }

    try {
        call.answer();
        client = await OpenAI.createRealtimeAPIClient({
            apiKey: VoxEngine.getSecretValue("OPENAI_API_KEY"),
            model: "gpt-realtime",
            onWebSocketClose: () => VoxEngine.terminate(),
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.SessionCreated, () => {
            client.sessionUpdate({
                session: {
                    type: "realtime",
                    instructions: "You answer the phone of a small shop. Look opening hours up, never guess them.",
                    tools: TOOLS,
                },
            });
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.SessionUpdated, () => {
            VoxEngine.sendMediaBetween(call, client);
            client.responseCreate({response: {instructions: "Hello, this is the shop. How can I help?"}});
        });

        // One response may hold several calls, and words beside them. They are answered when the response is over,
        // because the next one cannot begin before.
        client.addEventListener(OpenAI.RealtimeAPIEvents.ResponseDone, (event) => {
            const calls = event.data.payload.response.output.filter((item) => item.type === "function_call");
            calls.forEach(answerFunction);
            if (calls.length) client.responseCreate({});
        });

        client.addEventListener(OpenAI.Events.WebSocketMediaEnded, () => {
            if (ending) call.hangup();
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.InputAudioBufferSpeechStarted, () => {
            client.clearMediaBuffer();
        });

        client.addEventListener(OpenAI.RealtimeAPIEvents.Error, (event) => {
            Logger.write(`===ERROR=== ${JSON.stringify(event.data.payload.error)}`);
        });
    } catch (error) {
        Logger.write(`===UNHANDLED_ERROR=== ${error}`);
        client?.close();
        VoxEngine.terminate();
    }
});
