// VoximplantAPI: a client of the platform's Management API (semantics 8.5). Every method is a request to its address over HTTP,
// so that a stand-in, or --allow-net, answers it. An expression whose value holds the class.
(() => {
    "use strict";

    const ADDRESS = "https://api.voximplant.com/platform_api/";
    const INTERFACES = [
        "Accounts", "Applications", "AuthorizedIPs", "CallLists", "CallerIDs", "DialogflowCredentials", "History", "Invoices",
        "KeyValueStorage", "OutboundTestNumbers", "PSTNBlacklist", "PhoneNumbers", "Queues", "RecordStorages", "RoleSystem",
        "SIPRegistration", "SIPWhiteList", "SMS", "Scenarios", "Secrets", "Skills", "SmartQueue", "Users", "WABPhoneNumbers",
    ];

    /** `callId` as the API writes it: `call_id`. */
    const wireName = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();

    const wireValue = (value) => {
        if (Array.isArray(value)) return value.join(";");
        return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
    };

    const form = (parameters) => Object.entries(parameters || {})
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => `${wireName(name)}=${encodeURIComponent(wireValue(value))}`)
        .join("&");

    const failure = (code, msg) => Object.assign(new Error(msg), { code, msg });

    const ask = async (method, parameters) => {
        const name = method[0].toUpperCase() + method.slice(1);
        const headers = ["Content-Type: application/x-www-form-urlencoded"];
        const response = await Net.httpRequestAsync(`${ADDRESS}${name}`, { method: "POST", postData: form(parameters), headers });
        if (response.code !== 200) {
            throw failure(response.code, `VoximplantAPI: ${name} was answered with ${response.code}; a stand-in for POST ${ADDRESS}${name} can answer it`);
        }
        const answer = JSON.parse(response.text);
        if (answer.error) throw failure(answer.error.code, answer.error.msg);
        return answer;
    };

    /** Whatever method is asked for is one: the API has hundreds. */
    const face = () => new Proxy({}, {
        get: (_, method) => {
            if (typeof method !== "string" || method === "then") return undefined;
            return (parameters) => ask(method, parameters);
        },
    });

    class Client {
        constructor() {
            INTERFACES.forEach((name) => { this[name] = face(); });
        }
    }

    return { Client };
})()
