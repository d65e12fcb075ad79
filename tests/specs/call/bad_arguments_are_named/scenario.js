// Every way to say it wrong is named and can be caught.
const attempt = (what, run) => {
    try {
        Logger.write(`${what}: fine ${run()}`);
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    attempt("beep of nothing", () => call.enableBeepDetection());
    attempt("beep of text", () => call.enableBeepDetection({ frequencies: "1000" }));
    attempt("beep too high", () => call.enableBeepDetection({ frequencies: [1000, 9000] }));
    attempt("statistics of nothing", () => call.monitorMediaStatistics());
    attempt("statistics too often", () => call.monitorMediaStatistics({ interval: 1 }));
    attempt("statistics now and then", () => call.monitorMediaStatistics({ interval: "often" }));
    attempt("to nobody", () => call.transferTo());
    attempt("to nothing", () => call.transferTo({ to: " " }));
    attempt("before the answer", () => call.transferTo({ to: "15550001111" }));
    attempt("failed with a good status", () => call.notifyBlindTransferFailed(200));
    attempt("mic", () => call.handleMicStatus());
    call.decline(486);
    call.addEventListener(CallEvents.Disconnected, () => {
        attempt("after the end", () => call.enableBeepDetection({ timeout: 100 }));
        attempt("after the end", () => call.handleBlindTransfer(true));
        VoxEngine.terminate();
    });
});
