require(Modules.OpenAI);
require(Modules.Inworld);
// A half cascade of our own: the model writes, Inworld speaks, and a new turn silences the old one.
const VOICE = { voiceId: 'Dennis', modelId: 'inworld-tts-1.5-max', audioConfig: { speakingRate: 1.1 } };
async function begin({ call }) {
  let model, voice;
  const leave = () => { model?.close(); VoxEngine.terminate(); };
  call.addEventListener(CallEvents.Disconnected, leave);
  call.answer();
  model = await OpenAI.createRealtimeAPIClient({ apiKey: VoxEngine.getSecretValue('OPENAI_API_KEY'), model: 'gpt-realtime-mini', onWebSocketClose: leave });
  const { RealtimeAPIEvents: E } = OpenAI;
  model.addEventListener(E.SessionCreated, () => model.sessionUpdate({ session: { type: 'realtime', output_modalities: ['text'],
    instructions: 'You run the bookings of a small hotel.', turn_detection: { type: 'server_vad', silence_duration_ms: 400 } } }));
  model.addEventListener(E.SessionUpdated, () => {
    call.sendMediaTo(model);
    model.responseCreate({ instructions: 'Hotel by the sea, good day.' });
  });
  model.addEventListener(E.ResponseOutputTextDone, ({ data: { payload } }) => {
    Logger.write(payload.text);
    voice ??= speaker(call);
    voice.send({ send_text: { text: payload.text } });
    voice.send({ flush_context: {} });
  });
  model.addEventListener(E.InputAudioBufferSpeechStarted, () => voice?.clearBuffer());
}
function speaker(call) {
  const player = Inworld.createRealtimeTTSPlayer({ createContextParameters: { create: VOICE } });
  player.addEventListener(PlayerEvents.Error, (e) => Logger.write(`voice: ${e.error}`));
  player.sendMediaTo(call);
  return player;
}
VoxEngine.addEventListener(AppEvents.CallAlerting, begin);
