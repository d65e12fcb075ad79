// A mail to the office by callback, as older scripts send it, and one by promise to two people; then more than the platform takes.
VoxEngine.addEventListener(AppEvents.Started, function () {
    var options = { port: 465, login: "robot", password: "correct horse battery", html: "<b>hi</b>", cc: ["boss@example.org"] };
    Net.sendMail("smtp.example.org", "robot@example.org", "office@example.org", "Missed call", "Call back, please", function (result) {
        Logger.write("callback " + JSON.stringify(result));
        next();
    }, options);
});
async function next() {
    const result = await Net.sendMailAsync("smtp.example.org", "robot@example.org", ["a@example.org", "b@example.org"], "Report", "All good");
    Logger.write("promise " + result.code);
    try {
        Net.sendMail("smtp.example.org", "robot@example.org", 5, "t", "b");
    } catch (error) { Logger.write(error.message); }
    let sent = 0;
    try {
        for (;;) { Net.sendMail("smtp.example.org", "a@example.org", "b@example.org", "t", "b", () => { sent += 1; }); }
    } catch (error) { Logger.write(error.message); }
    setTimeout(() => { Logger.write(`sent ${sent}`); VoxEngine.terminate(); }, 3000);
}
