// The whole scenario is one line: the dialled address is called.
VoxEngine.forwardCallToSIP((incoming, outgoing) => Logger.write(`${incoming.callerid()} talks to ${outgoing.number()}`));
