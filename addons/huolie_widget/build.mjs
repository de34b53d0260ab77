// Builds static/dist from static/src:  node addons/huolie_widget/build.mjs [--check]
// The same sources give the same bytes; --check only compares (and is what CI runs).
import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {gzipSync} from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, "static/src");
const dist = join(here, "static/dist");

// The order is the order in the bundle: later files use what earlier ones declare.
export const PARTS = {
    loader: ["base", "colour", "store", "line", "poll", "button", "api"],
    window: [
        "words",
        "dom",
        "log",
        "outbox",
        "talk",
        "sound",
        "style",
        "bubbles",
        "forms",
        "panel",
        "main",
    ],
};
const WRAP = {
    // the server puts the configuration in the place of the string
    loader: [
        '(function (C, W, D) {\n"use strict";\n',
        '\n})("__CONFIG__", window, document);\n',
    ],
    window: [
        'window.huolie.$(function (H) {\n"use strict";\nvar C = H.C, W = H.W, D = H.D;\n',
        "\n});\n",
    ],
};
export const BUDGET = {loader: 5 * 1024, window: 30 * 1024};

/** The readable bundle, as the unit tests run it. */
export function bundle(name) {
    const parts = PARTS[name].map((part) =>
        readFileSync(join(src, name, `${part}.js`), "utf8")
    );
    return WRAP[name][0] + parts.join("\n") + WRAP[name][1];
}

export const gzipSize = (text) => gzipSync(text, {level: 9}).length;

/** The bundle as visitors get it. */
export async function minified(name) {
    const {minify} = await import("terser");
    const out = await minify(bundle(name), {
        ecma: 5,
        ie8: false,
        safari10: true,
        compress: {passes: 3, unsafe_arrows: false, arguments: false},
        mangle: true,
        format: {ascii_only: name === "loader", comments: false},
    });
    return `${out.code}\n`;
}

async function assertES5(name, code) {
    const {parse} = await import("acorn");
    parse(code, {ecmaVersion: 5, sourceType: "script"});
    if (/\binnerHTML\b|\beval\(|new Function/.test(code)) {
        throw new Error(`${name}: innerHTML, eval and Function are not allowed`);
    }
}

async function build() {
    const files = {};
    const manifest = {};
    for (const name of Object.keys(PARTS)) {
        const code = await minified(name);
        await assertES5(name, code);
        files[`${name}.js`] = code;
        manifest[name] = {
            hash: createHash("sha256").update(code).digest("hex").slice(0, 16),
            integrity: `sha384-${createHash("sha384").update(code).digest("base64")}`,
            bytes: Buffer.byteLength(code),
            gzip: gzipSize(code),
        };
        console.log(
            `${name}: ${manifest[name].bytes} B, gzip ${manifest[name].gzip} B`
        );
        if (manifest[name].gzip > BUDGET[name]) {
            throw new Error(`${name}: over its budget of ${BUDGET[name]} B`);
        }
    }
    files["manifest.json"] = `${JSON.stringify(manifest, null, 4)}\n`;
    return files;
}

function compare(files) {
    const stale = Object.keys(files).filter((file) => {
        const path = join(dist, file);
        return !existsSync(path) || readFileSync(path, "utf8") !== files[file];
    });
    if (stale.length) {
        console.error(`static/dist is not what the sources give: ${stale.join(", ")}`);
        process.exit(1);
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const files = await build();
    if (process.argv.includes("--check")) {
        compare(files);
    } else {
        mkdirSync(dist, {recursive: true});
        Object.entries(files).forEach(([file, text]) =>
            writeFileSync(join(dist, file), text)
        );
    }
}
