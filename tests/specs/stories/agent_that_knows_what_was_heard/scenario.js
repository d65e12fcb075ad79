require(Modules.OpenAI);
// The agent is interrupted: what the caller did not hear is taken out of the conversation.
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
  const client = await OpenAI.createRealtimeAPIClient({ apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime' });
  const E = OpenAI.RealtimeAPIEvents;
  let item, began = 0;
  client.addEventListener(E.SessionCreated, () => { VoxEngine.sendMediaBetween(call, client); client.responseCreate({}); });
  client.addEventListener(E.ResponseOutputItemAdded, ({ data }) => { item = data.payload.item.id; });
  client.addEventListener(OpenAI.Events.WebSocketMediaStarted, () => { began = Date.now(); });
  client.addEventListener(OpenAI.Events.WebSocketMediaEnded, () => { began = 0; });
  client.addEventListener(E.InputAudioBufferSpeechStarted, () => {
    if (!began) return;
    const audio_end_ms = Date.now() - began;
    client.clearMediaBuffer();
    client.conversationItemTruncate({ item_id: item, content_index: 0, audio_end_ms });
    Logger.write(`cut after ${audio_end_ms} ms`);
    began = 0;
  });
  client.addEventListener(E.ConversationItemTruncated, ({ data }) => Logger.write(`truncated at ${data.payload.audio_end_ms}`));
  client.addEventListener(E.Error, ({ data }) => Logger.write(JSON.stringify(data)));
});
