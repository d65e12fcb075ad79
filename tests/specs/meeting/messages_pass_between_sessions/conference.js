// Says back what it is told, by the way in which it was told.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.MessageReceived, (e) => call.sendMessage(`you said ${e.text}`));
    call.addEventListener(CallEvents.InfoReceived, (e) => call.sendInfo(e.mimeType, e.body.toUpperCase(), { "X-Back": e.headers["X-There"] }));
    call.addEventListener(CallEvents.ReInviteReceived, (e) => {
        if (e.body === "hold") call.acceptReInvite(e.headers, e.mimeType, "held");
        else call.rejectReInvite({}, { code: 488, reason: "Not Acceptable Here" });
    });
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
