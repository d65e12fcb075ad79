// Voices and constants that only older typings had: those that moved are there, those that never were are undefined.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    call.addEventListener(CallEvents.Connected, () => {
        Logger.write(`${Language.US_ENGLISH_FEMALE} ${Language.Premium.RU_RUSSIAN_YA_FEMALE}`);
        Logger.write(`${Language.MX_SPANISH_FEMALE} ${typeof Language.Hebrew}`);
        Logger.write(JSON.stringify(VoxEngine.RecordExpireTime.ONEYEAR));
        call.say("good morning", Language.US_ENGLISH_FEMALE);
    });
    call.addEventListener(CallEvents.PlaybackFinished, () => call.hangup());
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
