// What is not built is remembered although the script catches the error.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.answer();
    try {
        VoxEngine.createSequencePlayer("350@-19,440@-19;10(*/0/1+2)");
    } catch (error) {
        Logger.write(error.message);
    }
    try {
        new SequencePlayer();
    } catch (error) {
        Logger.write(error.message);
    }
    try {
        new Call();
    } catch (error) {
        Logger.write(error.message);
    }
    Logger.write(String(call instanceof Call) + typeof ASRModel);
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
