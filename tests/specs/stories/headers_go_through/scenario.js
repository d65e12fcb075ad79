// SIP headers of the caller go to the called side; what it answers comes back.
VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {
  Logger.write(JSON.stringify(e.headers['X-Tenant'] || e.headers['x-tenant']));
  var extra = { 'X-Tenant': e.headers['X-Tenant'], 'VI-CallTimeout': '10' };
  var out = VoxEngine.callSIP('sip:desk@pbx.example.org', e.callerid, e.displayName, 'secret-pass', 'desk', extra, false);
  out.addEventListener(CallEvents.Failed, function (f) { Logger.write('failed ' + f.code); e.call.reject(f.code, { 'X-Why': f.reason }); });
  out.addEventListener(CallEvents.Disconnected, function () { e.call.hangup(); });
  out.addEventListener(CallEvents.Connected, function () { e.call.answer({ 'X-Answered-By': 'desk' }); VoxEngine.sendMediaBetween(e.call, out); });
  e.call.addEventListener(CallEvents.Disconnected, function (d) { out.hangup(); VoxEngine.terminate(); });
});
