// What the platform offers for bytes, in one place.
VoxEngine.addEventListener(AppEvents.Started, function () {
  var key = str2bytes('привет', 'utf-8');
  Logger.write(bytes2hex(key) + ' ' + bytes2str(key, 'utf-8'));
  Logger.write(bytes2str(hex2bytes('48656c6c6f'), 'utf-8'));
  Logger.write(base64_encode('Hello') + ' ' + bytes2str(base64_decode('SGVsbG8='), 'utf-8'));
  Logger.write(levenshtein_distance('kitten', 'sitting') + ' ' + /^[0-9a-f-]{36}$/.test(uuidgen()));
  var n = 0, id = setInterval(function () { if (++n === 3) { clearInterval(id); Logger.write('ticks ' + n); VoxEngine.terminate(); } }, 50);
  Logger.hideTones(true);
  trace('local ' + getLocalTime('Europe/Berlin', new Date(0)).toISOString());
});
