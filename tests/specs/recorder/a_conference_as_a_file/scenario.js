// What a conference hears, in one file.
require(Modules.Conference);
require(Modules.Recorder);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const conference = VoxEngine.createConference();
    const recorder = VoxEngine.createRecorder({ video: true, videoParameters: { mixing: true } });
    recorder.addEventListener(RecorderEvents.Started, (e) => Logger.write(`${e.name} ${e.url}`));
    recorder.addEventListener(RecorderEvents.Stopped, (e) => Logger.write(e.name));
    recorder.setConference(conference);
    recorder.update({ layout: RecorderLayout.grid });
    call.addEventListener(CallEvents.Connected, async () => {
        const endpoint = conference.add({ call, mode: "MIX", direction: "BOTH" });
        await recorder.setPriority([endpoint]);
        Logger.write(`${recorder.getPriority()[0] === endpoint} ${recorder.getPriority().length}`);
        const player = VoxEngine.createTTSPlayer("somebody joined");
        player.sendMediaTo(conference);
    });
    call.addEventListener(CallEvents.Disconnected, () => setTimeout(VoxEngine.terminate, 100));
    call.answer();
});
