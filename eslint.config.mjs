// Only rules of ESLint itself, so that no plugin has to be found beside this file.
const browser = [
    "Blob", "CustomEvent", "Event", "File", "FormData", "HTMLElement", "KeyboardEvent",
    "PointerEvent", "URL", "URLSearchParams", "cancelAnimationFrame", "clearInterval",
    "clearTimeout", "console", "crypto", "document", "fetch", "getComputedStyle",
    "localStorage", "location", "navigator", "performance", "requestAnimationFrame",
    "sessionStorage", "setInterval", "setTimeout", "window",
    // what Odoo's web client brings along
    "luxon",
];

export default [
    {
        files: ["**/*.js"],
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: Object.fromEntries(browser.map((name) => [name, "readonly"])),
        },
        linterOptions: {reportUnusedDisableDirectives: "error"},
        rules: {
            "array-callback-return": "error",
            "consistent-return": "error",
            curly: "error",
            eqeqeq: ["error", "always", {null: "ignore"}],
            "no-alert": "error",
            "no-console": "error",
            "no-debugger": "error",
            "no-eval": "error",
            "no-implied-eval": "error",
            "no-new-func": "error",
            "no-shadow": "error",
            "no-undef": "error",
            "no-unreachable": "error",
            "no-unused-vars": ["error", {args: "none"}],
            "no-var": "error",
            "prefer-const": "error",
        },
    },
];
