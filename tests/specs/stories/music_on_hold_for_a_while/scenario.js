// A song that repeats, and an apology every few seconds.
var SONG = 'https://cdn.example.com/hold.mp3';
VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  var call = e.call, sorry = 0;
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.addEventListener(CallEvents.PlaybackStarted, function (p) { Logger.write('playing ' + p.duration); });
  call.addEventListener(CallEvents.PlaybackFinished, function () {
    if (sorry === 2) { call.hangup(); return; }
    call.startPlayback(SONG, true);
  });
  call.addEventListener(CallEvents.Connected, function () {
    call.startPlayback(SONG, true);
    setInterval(function () { sorry += 1; call.say('Sorry for the wait'); }, 5000);
  });
  call.answer();
});
