// A scenario of one line: every call goes to the number that the caller dialled, after it was transformed.
VoxEngine.forwardCallToPSTN((number) => number.replace("1555", "1666"), () => Logger.write("established"));
