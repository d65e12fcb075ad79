// A request by callback and one by promise, with everything that a request can say and everything that comes back.
VoxEngine.addEventListener(AppEvents.Started, async () => {
    Net.httpRequest(
        "https://crm.test/customers?id=7",
        (result) => Logger.write(`callback ${result.code} ${JSON.parse(result.text).name}`),
        { headers: { Authorization: "Bearer x" }, params: { lang: "en", note: "a b&c" } },
    );
    const result = await Net.httpRequestAsync("https://crm.test/orders", {
        method: "POST",
        headers: ["Content-Type: application/json"],
        postData: JSON.stringify({ item: "tea" }),
        rawOutput: true,
    });
    Logger.write(`promise ${result.code} ${result.text} ${result.data.length}`);
    Logger.write(result.headers.map(({ key, value }) => `${key}=${value}`).join(" "));
    VoxEngine.terminate();
});
