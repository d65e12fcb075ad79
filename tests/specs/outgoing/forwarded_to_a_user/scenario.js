// The whole scenario is one line: the dialled name is a user of the application.
VoxEngine.forwardCallToUser((incoming, outgoing) => Logger.write(`${incoming.callerid()} talks to ${outgoing.number()}`), false);
