// A call as a stream: the agent connects, tells of its tracks, and is stopped.
require(Modules.StreamingAgent);
const attempt = (what, run) => {
    try {
        run();
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    attempt("nothing", () => VoxEngine.createStreamingAgent());
    attempt("no rtmp", () => VoxEngine.createStreamingAgent({ protocol: "RTMP", url: "https://live.example.com/" }));
    const agent = VoxEngine.createStreamingAgent({ protocol: "RTMP", url: "rtmps://live.example.com/app", streamName: "morning" });
    Object.values(StreamingAgentEvents).forEach((name) => agent.addEventListener(name, (e) => {
        Logger.write(`${e.name} ${e.streamName ?? e.trackId ?? ""} ${e.streamingAgent === agent}`);
    }));
    agent.addEventListener(StreamingAgentEvents.Disconnected, () => call.hangup());
    call.addEventListener(CallEvents.Connected, () => {
        call.sendMediaTo(agent);
        const player = VoxEngine.createTTSPlayer("good morning");
        player.sendMediaTo(agent);
        setTimeout(() => {
            Logger.write(`${JSON.stringify(agent.audioTracks())} ${agent.videoTracks().length} ${agent.activeAudioTrack()} ${agent.activeVideoTrack()}`);
            attempt("no track", () => agent.setActiveTrack({}));
            agent.setActiveTrack({ audioTrack: 2 });
            agent.setActiveTrack({ audioTrack: 9 });
        }, 1000);
        setTimeout(() => {
            Logger.write(`${agent.activeAudioTrack()} ${typeof agent.id()}`);
            agent.removeEventListener(StreamingAgentEvents.StreamStopped);
            agent.stop();
        }, 2000);
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
