VoxEngine.addEventListener(AppEvents.CallAlerting, function (e) {
  endWith(e.call);
  e.call.addEventListener(CallEvents.Connected, function () { new Desk(e.call).greet("This is " + SHOP.name); });
  e.call.answer();
});
