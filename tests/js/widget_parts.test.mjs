// The widget's pure parts: order of messages, the outbox, colours, words, the bundles.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {mock, test} from "node:test";
import {fileURLToPath} from "node:url";
import {parse} from "acorn";
import {
    BUDGET,
    bundle,
    gzipSize,
    minified,
    PARTS,
} from "../../addons/huolie_widget/build.mjs";
import {CONFIG, loaderScript} from "./peer.mjs";

const addon = join(
    dirname(fileURLToPath(import.meta.url)),
    "../../addons/huolie_widget/static"
);

/** Run some source files as the bundle would, and hand out what they declare. */
function load(files, names, globals = {}) {
    const text = files.map((file) =>
        readFileSync(join(addon, "src", `${file}.js`), "utf8")
    );
    const args = {H: {}, C: {}, W: globalThis, D: {}, ...globals};
    const body = `"use strict";\n${text.join("\n")}\nreturn {${names.join(",")}};`;
    return new Function(...Object.keys(args), body)(...Object.values(args));
}

const event = (s, more = {}) => ({
    c: 1,
    s,
    k: "text",
    a: "agent",
    b: `m${s}`,
    t: s,
    ...more,
});

// --- log ---------------------------------------------------------------------------

function newLog() {
    const missed = [];
    const {Log} = load(["window/log"], ["Log"]);
    return [new Log((c, s) => missed.push([c, s])), missed];
}
const bodies = (log) => log.list().map((e) => e.b);

test("events come in any order and twice, and are shown once and in order", () => {
    const [log] = newLog();
    log.begin(1, [event(1), event(2)]);
    log.add([event(4), event(3), event(2), event(4)]);
    assert.deepEqual(bodies(log), ["m1", "m2", "m3", "m4"]);
    assert.equal(log.last[1], 4);
});

test("a hole in the numbers is asked for, and only while it is one", () => {
    const [log, missed] = newLog();
    log.begin(1, [event(1)]);
    log.add([event(4)]);
    assert.deepEqual(missed, [[1, 1]]);
    log.add([event(2), event(3)]);
    assert.equal(log.last[1], 4);
    log.add([event(5)]);
    assert.equal(missed.filter(([, s]) => s > 1).length, 0);
});

test("numbers that the server does not show are passed over", () => {
    const [log, missed] = newLog();
    log.begin(1, [event(1)]);
    log.add([event(3)]);
    log.skip(1);
    missed.length = 0;
    log.add([event(4)]);
    assert.deepEqual(missed, []);
});

test("a conversation that is long begins with its last events without a hole", () => {
    const [log, missed] = newLog();
    log.begin(7, [event(101, {c: 7}), event(102, {c: 7})]);
    assert.deepEqual(missed, []);
    assert.equal(log.last[7], 102);
});

test("our own message takes its place when its event comes", () => {
    const [log] = newLog();
    log.begin(1, [event(1)]);
    log.pending.push({u: "u1", key: "k1", b: "mine", a: "visitor"});
    assert.deepEqual(bodies(log), ["m1", "mine"]);
    log.add([event(2, {u: "u1", a: "visitor", b: "mine"}), event(3)]);
    assert.deepEqual(bodies(log), ["m1", "mine", "m3"]);
    assert.equal(log.list()[1].key, "k1");
});

test("a recalled message loses its text, told live or read later", () => {
    const [log] = newLog();
    log.begin(1, [event(1), event(2, {r: true, b: null})]);
    log.add([event(3, {k: "recalled", p: {s: 1}})]);
    assert.deepEqual(
        log.list().map((e) => e.k),
        ["gone", "gone", "recalled"]
    );
    assert.equal(bodies(log)[0], "");
});

test("conversations follow each other", () => {
    const [log] = newLog();
    log.begin(2, [event(1, {c: 2, b: "new"})]);
    log.take(event(9, {c: 1, b: "old"}));
    assert.deepEqual(bodies(log), ["old", "new"]);
});

// --- outbox ------------------------------------------------------------------------

function newOutbox(answers) {
    const kept = {};
    const sent = [];
    const H = {
        keep: (v) => Object.assign(kept, v),
        recall: () => kept,
        now: () => 1000,
    };
    // a try that waits minutes for its turn does not keep this process
    const later = (run, ms) => setTimeout(run, ms).unref();
    const {Outbox} = load(["window/outbox"], ["Outbox"], {H, setTimeout: later});
    const box = new Outbox(
        (item, done) => {
            sent.push(item.u);
            const [status, answer] = answers.length > 1 ? answers.shift() : answers[0];
            queueMicrotask(() => done(status, answer || {s: sent.length}));
        },
        () => null
    );
    return {box, sent, kept};
}
const settle = () => new Promise((done) => setImmediate(done));

test("messages leave one after the other, in the order they were written", async () => {
    const {box, sent} = newOutbox([[200]]);
    ["a", "b", "c"].forEach((u) => box.put({u, k: "text", t: 1000}));
    assert.deepEqual(sent, ["a"]);
    await settle();
    assert.deepEqual(sent, ["a", "b", "c"]);
    assert.equal(box.items.length, 0);
});

test("a lost answer, a full server and a limit are tried again with the same name", async () => {
    mock.timers.enable({apis: ["setTimeout"]});
    const {box, sent} = newOutbox([[0], [503], [429], [200]]);
    box.put({u: "a", k: "text", t: 1000});
    for (let i = 0; i < 3; i++) {
        await settle();
        mock.timers.tick(60000);
    }
    await settle();
    mock.timers.reset();
    assert.deepEqual(sent, ["a", "a", "a", "a"]);
    assert.equal(box.items.length, 0);
});

test("after six tries the visitor decides, and then it is tried again", async () => {
    mock.timers.enable({apis: ["setTimeout"]});
    const {box, sent} = newOutbox([[0]]);
    const item = {u: "a", k: "text", t: 1000};
    box.put(item);
    for (let i = 0; i < 10; i++) {
        await settle();
        mock.timers.tick(60000);
    }
    assert.equal(item.st, "failed");
    assert.equal(sent.length, 7);
    box.again(item);
    await settle();
    mock.timers.reset();
    assert.equal(sent.length, 8);
});

test("what the server refuses is not sent again and does not hold up the next", async () => {
    const {box, sent} = newOutbox([[422, {error: "long"}], [200]]);
    const item = {u: "a", k: "text", t: 1000};
    box.put(item);
    box.put({u: "b", k: "text", t: 1000});
    await settle();
    assert.equal(item.refused, "long");
    assert.deepEqual(sent, ["a", "b"]);
});

test("texts on their way survive a reload; files and refused ones do not", () => {
    const {box, kept} = newOutbox([[0]]);
    box.put({u: "a", k: "text", b: "hi", t: 900});
    box.put({u: "f", k: "file", file: {}, p: {}, t: 900});
    assert.deepEqual(
        kept.out.map((i) => i.u),
        ["a"]
    );
    assert.deepEqual(box.restore(), [
        {u: "a", k: "text", b: "hi", p: undefined, t: 900},
    ]);
});

// --- colours, words, forms ---------------------------------------------------------

test("text on any theme colour has a contrast of at least 4.5", () => {
    const {ink, luminance} = load(["loader/colour"], ["ink", "luminance"]);
    for (let n = 0; n < 4096; n++) {
        const hex = `#${[...n.toString(16).padStart(3, "0")].map((d) => d + d).join("")}`;
        const [a, b] = [luminance(hex), luminance(ink(hex))].sort((x, y) => y - x);
        assert.ok((a + 0.05) / (b + 0.05) >= 4.5, hex);
    }
    assert.equal(ink("#ffff00"), "#000000");
    assert.equal(ink("#c8321e"), "#ffffff");
});

test("every sentence is there in three languages with the same marks", () => {
    const {WORDS} = load(["window/words"], ["WORDS"], {H: {lang: "en"}});
    for (const [name, line] of Object.entries(WORDS)) {
        assert.equal(line.length, 3, name);
        const marks = line.map((text) => (text.match(/%\w/g) || []).sort().join());
        assert.equal(new Set(marks).size, 1, name);
        assert.ok(
            line.every((text) => text.trim()),
            name
        );
    }
});

test("fields are checked as the server checks them", () => {
    const {problems} = load(["window/forms"], ["problems"]);
    const fields = [
        {name: "name", type: "text", required: true},
        {name: "phone", type: "tel"},
        {name: "email", type: "email"},
    ];
    assert.deepEqual(problems(fields, {name: "", phone: "", email: ""}), {
        name: "required",
    });
    assert.deepEqual(problems(fields, {name: "a", phone: "abc", email: "x@"}), {
        phone: "invalid",
        email: "invalid",
    });
    assert.deepEqual(
        problems(fields, {name: "a", phone: "+86 138-0013-8000", email: "a@b.cn"}),
        {}
    );
});

// --- bundles -----------------------------------------------------------------------

test("both files are ES5 and what the sources give", async () => {
    for (const name of Object.keys(PARTS)) {
        const code = await minified(name);
        parse(code, {ecmaVersion: 5, sourceType: "script"});
        parse(bundle(name), {ecmaVersion: 5, sourceType: "script"});
        assert.equal(readFileSync(join(addon, "dist", `${name}.js`), "utf8"), code);
        assert.doesNotMatch(
            code,
            /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(/
        );
    }
});

test("loader with a typical configuration, and the sum, keep their budget", () => {
    const first = gzipSize(loaderScript({...CONFIG, m: CONFIG.d}));
    const second = gzipSize(readFileSync(join(addon, "dist/window.js")));
    assert.ok(first <= BUDGET.loader, `loader ${first}`);
    assert.ok(second <= BUDGET.window, `window ${second}`);
    assert.ok(first + second <= BUDGET.loader + BUDGET.window);
});
