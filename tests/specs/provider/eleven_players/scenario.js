require(Modules.Inworld);

// Ten players are allowed at once. The eleventh hears that it cannot be; after one of the ten was stopped there is room again.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.answer();
    const make = (name) => {
        const player = Inworld.createRealtimeTTSPlayer({ createContextParameters: { create: { voiceId: "Ashley" } } });
        player.addEventListener(PlayerEvents.Error, (e) => Logger.write(`${name} Error`));
        player.addEventListener(PlayerEvents.PlaybackFinished, (e) => {
            Logger.write(`${name} PlaybackFinished`);
            first.stop();
            make("twelfth");
        });
        return player;
    };
    const first = make("first");
    for (let n = 2; n <= 10; n++) make(`number ${n}`);
    make("eleventh");
    setTimeout(() => VoxEngine.terminate(), 1000);
});
