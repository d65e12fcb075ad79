// The examples of RFC 1321 and of RFC 4231, and what is no text.
VoxEngine.addEventListener(AppEvents.Started, () => {
    Logger.write(Crypto.md5("message digest"));
    Logger.write(Crypto.md5(["message ", "digest"]));
    Logger.write(Crypto.sha1("abc"));
    Logger.write(Crypto.sha256("abc"));
    Logger.write(Crypto.hmac_sha256("Jefe", "what do ya want for nothing?"));
    [() => Crypto.md5(), () => Crypto.sha256(7), () => Crypto.md5(["a", {}]), () => Crypto.hmac_sha256("key")].forEach((wrong) => {
        try {
            Logger.write(wrong());
        } catch (error) {
            Logger.write(String(error));
        }
    });
    VoxEngine.terminate();
});
