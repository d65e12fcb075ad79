// Older scripts fill an object of Net.HttpRequestOptions; it is a plain object of that class.
VoxEngine.addEventListener(AppEvents.Started, () => {
    const options = new Net.HttpRequestOptions();
    options.method = "POST";
    options.headers = ["X-Key: 5"];
    options.postData = "hello";
    Logger.write(`${options instanceof Net.HttpRequestOptions} ${JSON.stringify(options)}`);
    Net.httpRequest("https://crm.test/", (e) => {
        Logger.write(`${e.code} ${e.text}`);
        VoxEngine.terminate();
    }, options);
});
