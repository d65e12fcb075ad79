// The caller of one session and somebody whom it calls go to the same conference, which is another session: there they hear
// each other.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
    const join = (leg, name) => {
        const room = VoxEngine.callConference("room7", callerid, name, { "X-Desk": name });
        ["Ringing", "AudioStarted", "Disconnected"].forEach((event) => {
            room.addEventListener(CallEvents[event], (e) => Logger.write(`${name}: ${e.name}`));
        });
        room.addEventListener(CallEvents.Connected, (e) => {
            Logger.write(`${name}: ${e.name} ${e.headers["X-Welcome"]} ${room.state()}`);
            VoxEngine.sendMediaBetween(leg, room);
            room.sendDigits("5");
        });
        leg.addEventListener(CallEvents.Disconnected, () => room.hangup());
    };
    call.addEventListener(CallEvents.Connected, () => join(call, "anna"));
    const other = VoxEngine.callPSTN("100", callerid);
    other.addEventListener(CallEvents.Connected, () => join(other, "bob"));
    call.addEventListener(CallEvents.Disconnected, () => {
        other.hangup();
        setTimeout(VoxEngine.terminate, 100);
    });
    call.answer();
});
