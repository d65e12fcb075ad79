VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }: { call: any }) => {
  endWith(call);
  call.addEventListener(CallEvents.Connected, () => new Desk(call).greet(`A warm welcome to ${SHOP.name as string}`));
  call.answer();
});
