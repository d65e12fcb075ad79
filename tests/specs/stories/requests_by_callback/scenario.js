// The older way: a callback, options as an object of the platform's, headers as text.
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  var call = e.call;
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  var opts = new Net.HttpRequestOptions();
  opts.method = 'POST';
  opts.headers = ['X-Token: demo', 'Content-Type: application/x-www-form-urlencoded'];
  opts.postData = 'phone=' + encodeURIComponent('+' + call.callerid());
  opts.timeout = 5;
  Net.httpRequest('https://crm.example.com/lookup', function (res) {
    if (res.code !== 200) { Logger.write('no answer: ' + res.code); call.reject(503); return; }
    var person = JSON.parse(res.text);
    Logger.write(person.name + ' ' + typeof res.data + ' ' + res.headers.length);
    call.answer();
    call.say('Welcome back ' + person.name);
    call.addEventListener(CallEvents.PlaybackFinished, function () { call.hangup(); });
  }, opts);
});
