// An own bot over a WebSocket: the caller's sound goes there, commands come as messages, old handlers as properties.
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  var call = e.call;
  call.answer();
  call.addEventListener(CallEvents.Connected, function () {
    var leaves = false;
    call.addEventListener(CallEvents.PlaybackFinished, function () { if (leaves) ws.close(); });
    var ws = VoxEngine.createWebSocket('wss://bot.example.org/media', { headers: [{ name: 'Authorization', value: 'Bearer bot-token-1' }] });
    ws.onopen = function () { call.sendMediaTo(ws, { encoding: WebSocketAudioEncoding.ULAW, tag: 'caller', customParameters: { lang: 'en' } }); ws.sendMediaTo(call); };
    ws.onmessage = function (m) {
      var command = JSON.parse(m.text);
      Logger.write('bot says ' + command.action);
      if (command.action === 'say') call.say(command.text);
      // What was said is heard to its end first.
      if (command.action === 'bye') leaves = true;
    };
    ws.onclose = function (c) { Logger.write('closed ' + c.code + ' ' + c.wasClean); call.hangup(); };
    ws.onerror = function () { call.hangup(); };
    ws.addEventListener(WebSocketEvents.ERROR, function () { Logger.write('error'); });
    setTimeout(function () { ws.send(JSON.stringify({ event: 'state', state: ws.readyState })); }, 1000);
  });
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
