require(Modules.Inworld);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    const player = Inworld.createRealtimeTTSPlayer({ createContextParameters: { create: { voiceId: '', modelId: 'inworld-tts-1.5-mini' } } });
    [PlayerEvents.Error, PlayerEvents.PlaybackFinished].forEach((name) =>
        player.addEventListener(name, (event) => Logger.write(event.name + ' ' + (event.error || ''))));
    player.sendMediaTo(call);
    player.send({ send_text: { text: 'hello' }, });
    player.send({ flush_context: {} });
});
