require(Modules.OpenAI);
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    const client = await OpenAI.createRealtimeAPIClient({
        apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'),
        model: 'no-such-model',
        onWebSocketClose: (event) => { Logger.write(event.code + ' ' + event.reason); VoxEngine.terminate(); },
    });
    client.addEventListener(OpenAI.RealtimeAPIEvents.Error, (event) => Logger.write(event.data.payload.error.code));
});
