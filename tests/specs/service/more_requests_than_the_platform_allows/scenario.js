// Three requests are carried out at a time, 35 are kept; the next one throws. What is answered makes room.
let answered = 0;
const done = () => {
    answered += 1;
    if (answered === 36) VoxEngine.terminate();
};
VoxEngine.addEventListener(AppEvents.Started, () => {
    for (let number = 1; number <= 35; number += 1) {
        Net.httpRequest(`https://crm.test/${number}`, () => done());
    }
    try {
        Net.httpRequest("https://crm.test/36", done);
    } catch (error) {
        Logger.write(`${error}`);
    }
    try {
        Net.httpRequestAsync("https://crm.test/36");
    } catch (error) {
        Logger.write(`${error}`);
    }
    setTimeout(() => {
        Logger.write(`answered ${answered}`);
        Net.httpRequest("https://crm.test/again", () => done());
    }, 2500);
});
