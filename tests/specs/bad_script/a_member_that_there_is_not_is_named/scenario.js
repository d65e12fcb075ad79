// A method that no call has: the failure names it, its class, and the one that may have been meant. Reading it is no error.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    Logger.write(`${call.foo} ${"foo" in call} ${call instanceof Call} ${call instanceof Object} ${typeof call.hasOwnProperty} ${call.__proto__ === Call.prototype}`);
    call.answer();
    const id = call.callId();
});
