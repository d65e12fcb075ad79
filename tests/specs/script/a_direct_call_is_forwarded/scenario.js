// One line forwards a user's call directly to another; what is no call is named.
VoxEngine.forwardCallToUserDirect((call1, call2) => {
    Logger.write(`${call1.callerid()} talks with ${call2.number()} ${call2.clientType()}`);
    [() => VoxEngine.callUserDirect("1", "2"), () => VoxEngine.callUserDirect(call1, ""), () => VoxEngine.callWhatsappUser({})].forEach((wrong) => {
        try {
            wrong();
        } catch (error) {
            Logger.write(String(error));
        }
    });
});
