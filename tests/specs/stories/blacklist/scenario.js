const isBlocked = (n) => ['anonymous', '', '15551230001'].includes(n) || levenshtein_distance(n, '15551230000') < 1;
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call, callerid }) => {
  if (isBlocked(callerid)) { trace(`blocked ${callerid} ${uuidgen().length}`); call.reject(603, { 'X-Blocked': 'yes' }); return VoxEngine.terminate(); }
  call.answer();
});
