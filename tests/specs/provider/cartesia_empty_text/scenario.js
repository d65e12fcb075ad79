require(Modules.Cartesia);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
    const player = Cartesia.createRealtimeTTSPlayer("", { generationRequestParameters: { model_id: "sonic-2", voice: { mode: "id", id: "a0e99841-438c-4a64-b679-ae501e7d6091" } } });
    [PlayerEvents.Error, PlayerEvents.PlaybackFinished, PlayerEvents.Started].forEach((name) =>
        player.addEventListener(name, (event) => Logger.write(event.name + ' ' + (event.error || ''))));
    player.sendMediaTo(call);
});
