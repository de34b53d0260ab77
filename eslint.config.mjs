import js from "@eslint/js";
import globals from "globals";

const rules = {
    ...js.configs.recommended.rules,
    eqeqeq: ["error", "always", {null: "ignore"}],
    "no-alert": "error",
    "no-console": "error",
    "no-eval": "error",
    "no-implied-eval": "error",
    "no-new-func": "error",
    "no-script-url": "error",
    "no-unused-vars": ["error", {args: "after-used", argsIgnorePattern: "^_"}],
};

export default [
    {ignores: ["node_modules/", "artefacts/", "**/static/dist/", "**/static/lib/"]},
    {
        // the web client: Odoo serves every file as a module
        files: ["addons/*/static/src/**/*.js", "addons/*/static/tests/**/*.js"],
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: {...globals.browser, odoo: "readonly", luxon: "readonly"},
        },
        rules: {...rules, "prefer-const": "error", "no-var": "error"},
    },
    {
        // the widget runs on strangers' pages and in old browsers: scripts in ES5,
        // joined into one function by build.mjs, so names come from other files
        files: [
            "addons/huolie_widget/static/src/{loader,window}/*.js",
            "addons/huolie_widget/static/preview/*.js",
        ],
        languageOptions: {
            ecmaVersion: 5,
            sourceType: "script",
            globals: {...globals.browser},
            parserOptions: {ecmaFeatures: {globalReturn: true}},
        },
        rules: {
            ...rules,
            "no-unused-vars": "off",
            "no-undef": "off",
            "no-redeclare": "off",
            "no-var": "off",
            "prefer-const": "off",
        },
    },
    {
        files: ["**/*.mjs"],
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: {...globals.node, ...globals.browser},
        },
        rules: {...rules, "no-console": "off"},
    },
    {
        // tests hold hostile addresses, and run the bundle as a page would
        files: ["tests/js/**/*.mjs"],
        rules: {"no-script-url": "off", "no-new-func": "off"},
    },
];
