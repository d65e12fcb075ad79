// A recorder adds up who is sent to it, keeps silence while it is muted, and ends with its own event.
require(Modules.Recorder);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const recorder = VoxEngine.createRecorder({ name: "everything", hd_audio: true });
    const told = (e) => Logger.write(`${e.name} ${e.recorder === recorder} ${e.url ?? e.duration + " " + e.cost}`);
    [RecorderEvents.Started, RecorderEvents.Stopped].forEach((name) => recorder.addEventListener(name, told));
    const says = (text) => new Promise((done) => {
        const player = VoxEngine.createTTSPlayer(text);
        player.addEventListener(PlayerEvents.PlaybackFinished, done);
        player.sendMediaTo(recorder);
    });
    call.addEventListener(CallEvents.Connected, async () => {
        call.sendMediaTo(recorder);
        await says("before the pause");
        recorder.mute(true);
        await says("nobody keeps this");
        recorder.mute(false);
        await says("after it");
        setTimeout(() => recorder.stop(), 4000);
    });
    recorder.addEventListener(RecorderEvents.Stopped, () => {
        recorder.mute(true);
        recorder.stop();
        Logger.write(typeof recorder.id());
        call.hangup();
    });
    recorder.addEventListener(RecorderEvents.Started, () => recorder.removeEventListener(RecorderEvents.Started));
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
