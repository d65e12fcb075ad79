// A text message by the Management API, an answer that is an error, and a list of numbers.
require(Modules.VoximplantAPI);
VoxEngine.addEventListener(AppEvents.Started, async () => {
    const api = new VoximplantAPI.Client();
    const sent = await api.SMS.sendSmsMessage({ source: "15550001111", destination: "15550002222", smsBody: "Your table is ready & waiting" });
    Logger.write(JSON.stringify(sent));
    try {
        await api.Users.getUsers({ userId: [1, 2], showActive: true });
    } catch (error) {
        Logger.write(`${error.code} ${error.msg} ${error instanceof Error}`);
    }
    const { result } = await api.PhoneNumbers.getPhoneNumbers();
    Logger.write(result.map((one) => one.phone_number).join(" "));
    VoxEngine.terminate();
});
