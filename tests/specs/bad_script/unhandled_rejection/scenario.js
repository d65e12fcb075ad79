VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
    call.answer();
    await Promise.reject(new Error('out of luck'));
});
