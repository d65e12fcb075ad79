// Without a stand-in nobody answers, and the promise says what could.
require(Modules.VoximplantAPI);
VoxEngine.addEventListener(AppEvents.Started, () => {
    new VoximplantAPI.Client().History.getCallHistory({ fromDate: "2026-01-01" }).catch((error) => {
        Logger.write(`${error.code} ${error.msg}`);
        VoxEngine.terminate();
    });
});
