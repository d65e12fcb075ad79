// What came and went, every three seconds, until the script has seen enough.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    let told = 0;
    call.addEventListener(CallEvents.Connected, () => call.monitorMediaStatistics({ monitor: true, interval: 3 }));
    call.addEventListener(CallEvents.MediaStatisticsReceived, (e) => {
        const [heard, sent] = [e.audio.in[0], e.audio.out[0]];
        Logger.write(`${heard.numPackets} ${heard.packetLoss} ${heard.jitter} ${heard.audioLevel > 0} ${sent.numPackets}`);
        told += 1;
        if (told === 2) call.monitorMediaStatistics({ monitor: false });
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
