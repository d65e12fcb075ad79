// Three parties in a conference: each hears the other two and not itself. Two of them answer the first at one instant, so
// each of these hears only the other, and the first hears both at once.
require(Modules.Conference);
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const conference = VoxEngine.createConference({ hd_audio: true });
    ["Started", "EndpointAdded", "EndpointUpdated", "EndpointRemoved", "Stopped", "ConferenceError"].forEach((name) => {
        conference.addEventListener(ConferenceEvents[name], (e) => {
            const known = e.endpoint ? e.endpoint.id() === e.endpointId : "";
            Logger.write(`${e.name} ${e.mode} ${e.direction} ${known} ${e.conference === conference}`);
        });
    });
    call.addEventListener(CallEvents.Connected, () => {
        const endpoint = conference.add({ call, mode: ConferenceMode.MIX, direction: "BOTH", scheme: "anna" });
        Logger.write(`${endpoint.getCall() === call} ${endpoint.getDirection()} ${endpoint.getMode()}`);
    });
    ["100", "200"].forEach((number) => {
        const leg = VoxEngine.callPSTN(number, "300");
        leg.addEventListener(CallEvents.Connected, () => conference.add({ call: leg }));
    });
    setTimeout(() => {
        const all = conference.getList();
        all[0].setDisplayName("Anna");
        Logger.write(`${all.length} ${conference.get(all[1].id()) === all[1]} ${conference.get("nobody")}`);
    }, 5500);
    call.addEventListener(CallEvents.Disconnected, () => {
        Logger.write(`${conference.getList().length}`);
        conference.stop();
        setTimeout(VoxEngine.terminate, 100);
    });
    call.answer();
});
