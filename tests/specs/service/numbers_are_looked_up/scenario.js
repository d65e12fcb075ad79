require(Modules.PhoneNumber);
const tell = (number, country) => {
    const info = PhoneNumber.getInfo(number, country);
    const flags = [info.isPossibleNumber, info.isValidNumber, info.isValidNumberForRegion].map(Number).join("");
    Logger.write(`${number} ${country || "-"}: ${info.numberType} ${info.region} ${flags} ${info.number} ${info.error || ""}`.trim());
};
VoxEngine.addEventListener(AppEvents.Started, () => {
    tell("+442071838750");
    tell("020 7183 8750", "GB");
    tell("+442071838750", "us");
    tell("+18005550199");
    tell("+79161234567");
    tell("+4930", "DE");
    tell("+442071838751", "GB");
    tell("+4420718387", "GB");
    tell("hello");
    tell("020 7183 8750", "XX");
    tell("");
    VoxEngine.terminate();
});
