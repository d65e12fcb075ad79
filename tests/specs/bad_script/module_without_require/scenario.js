VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
    call.answer();
    await OpenAI.createRealtimeAPIClient({ apiKey: 'x', model: 'gpt-realtime' });
});
