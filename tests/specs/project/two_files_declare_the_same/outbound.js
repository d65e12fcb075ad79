// Both files of the rule declare `call` and LIMIT; functions of this one see what the other one sets.
let call;
const LIMIT = 1;
class Desk { name() { return "outbound"; } }
function tell() { Logger.write(`${call ? call.number() : "no call"} ${LIMIT} ${new Desk().name()}`); }
