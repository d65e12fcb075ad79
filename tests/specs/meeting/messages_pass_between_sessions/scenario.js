// What passes between the ends of a call beside its sound: a message, an INFO, a re-INVITE that is accepted and one that is not;
// and what is not sent: before the answer, too long, without an argument.
VoxEngine.addEventListener(AppEvents.Started, () => {
    const call = VoxEngine.callConference("room1", "100");
    call.sendMessage("too early");
    call.addEventListener(CallEvents.Connected, () => {
        call.sendMessage("hello");
        call.sendInfo("text/plain", "abc", { "X-There": "1" });
        call.reInvite({}, "application/sdp", "hold");
        call.reInvite({}, "application/sdp", "video");
        call.sendMessage("x".repeat(8193));
        try {
            call.sendMessage();
        } catch (error) {
            Logger.write(String(error));
        }
    });
    call.addEventListener(CallEvents.MessageReceived, (e) => Logger.write(e.text));
    call.addEventListener(CallEvents.InfoReceived, (e) => Logger.write(`${e.mimeType} ${e.body} ${e.headers["X-Back"]}`));
    call.addEventListener(CallEvents.ReInviteAccepted, (e) => Logger.write(`accepted ${e.mimeType} ${e.body}`));
    call.addEventListener(CallEvents.ReInviteRejected, (e) => {
        Logger.write(`rejected ${e.code} ${e.reason}`);
        call.hangup();
    });
    call.addEventListener(CallEvents.Disconnected, () => {
        call.sendMessage("too late");
        VoxEngine.terminate();
    });
});
