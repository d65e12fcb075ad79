// No rule fits the conference: the call fails with 404, and a note says what to add. The first one is fine but declines.
VoxEngine.addEventListener(AppEvents.Started, () => {
    let left = 2;
    ["nobody", "room1"].forEach((id) => {
        const call = VoxEngine.callConference(id, "100");
        call.addEventListener(CallEvents.Failed, (e) => {
            Logger.write(`${id} ${e.code} ${e.reason}`);
            left -= 1;
            if (left === 0) VoxEngine.terminate();
        });
    });
});
