// Each report by callback and by promise, under both names.
VoxEngine.addEventListener(AppEvents.Started, async () => {
    for (const list of [CallList, VoxEngine.CallList]) {
        for (const name of ["reportResult", "reportError", "reportProgress", "requestNextAttempt"]) {
            const byCallback = new Promise((done) => list[name]({ about: name }, done));
            const [first, second] = [await byCallback, await list[`${name}Async`]({ about: name })];
            Logger.write(`${name} ${first.code} ${second.code}`);
        }
    }
    const whatsapp = VoxEngine.callWhatsappUser({ number: "15550001111", callerid: "15550002222" });
    whatsapp.addEventListener(CallEvents.Connected, () => Logger.write(`${whatsapp.clientType()} ${whatsapp.number()}`));
    whatsapp.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
});
