// Every way to say it wrong is named and can be caught; options that are no object say nothing.
const attempt = (what, run) => {
    try {
        run();
        Logger.write(`${what}: fine`);
    } catch (error) {
        Logger.write(`${what}: ${error}`);
    }
};
const cyclic = {};
cyclic.self = cyclic;
let deep = {};
for (let depth = 0; depth < 10000; depth += 1) deep = { deep };
VoxEngine.addEventListener(AppEvents.Started, () => {
    attempt("nothing", () => Net.httpRequest());
    attempt("no function", () => Net.httpRequest("https://crm.test/", "callback"));
    attempt("cyclic", () => Net.httpRequest("https://crm.test/", () => {}, cyclic));
    attempt("deep", () => Net.httpRequest("https://crm.test/", () => {}, deep));
    attempt("getter", () => Net.httpRequest("https://crm.test/", () => {}, { get method() { throw new Error("no"); } }));
    attempt("options", () => Net.httpRequest("https://crm.test/", () => {}, 5));
    attempt("too many", () => Net.httpRequest("https://crm.test/", () => {}, {}, 1, 2, 3));
    attempt("no callback", () => Net.httpRequest("https://crm.test/"));
    Net.httpRequest("https://crm.test/", () => { throw new Error("in the callback"); });
});
