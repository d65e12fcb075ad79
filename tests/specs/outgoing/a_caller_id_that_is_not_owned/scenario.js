// Two calls to the telephone network, one with a rented number and one with somebody else's; a SIP call needs none.
const outcome = (name, call) => {
  call.addEventListener(CallEvents.Connected, () => { Logger.write(name + " connected"); call.hangup(); });
  call.addEventListener(CallEvents.Failed, (e) => Logger.write(`${name} failed ${e.code} ${e.reason}`));
};
VoxEngine.addEventListener(AppEvents.Started, () => {
  outcome("rented", VoxEngine.callPSTN("17770000001", "15550100000"));
  outcome("foreign", VoxEngine.callPSTN("17770000001", "15559999999"));
  outcome("sip", VoxEngine.callSIP("sip:17770000001@example.org", { callerid: "15559999999" }));
  setTimeout(VoxEngine.terminate, 4000);
});
