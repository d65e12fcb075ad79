// What is wrong with a call of a function that is written in JavaScript is an error of the author's place, and of no file
// of ours.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const attempt = (run) => {
        try {
            run();
        } catch (error) {
            Logger.write(`${error.name} ${error.stack.includes("voxengine")}`);
        }
    };
    attempt(() => VoxEngine.easyProcess());
    attempt(() => VoxEngine.easyProcess(call));
    attempt(() => VoxEngine.easyProcess(call, {}));
    attempt(() => VoxEngine.easyProcess(5, call));
    attempt(() => { "use strict"; VoxEngine.easyProcess.name = "mine"; });
    VoxEngine.easyProcess(call, "nobody");
});
