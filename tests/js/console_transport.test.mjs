// The console's line: one poll at a time, token renewal, back-off, wake-up.
import assert from "node:assert/strict";
import {test} from "node:test";
import {
    LineError,
    Transport,
    backoff,
} from "../../addons/huolie_chat/static/src/console/transport.js";

/** A transport over a scripted server: each answer is [status, body] or an Error. */
function scripted(answers, {getToken} = {}) {
    const log = {bodies: [], slept: [], line: [], events: [], tokens: 0};
    const transport = new Transport({
        getToken: getToken || (async () => ({token: `token${++log.tokens}`, poll: ""})),
        getSeen: () => ({1: log.events.length}),
        onEvents: (events) => log.events.push(...events),
        onLine: (line) => log.line.push(line),
        random: () => 0.5,
        sleep: async (ms) => log.slept.push(ms),
        fetch: async (path, {body}) => {
            log.bodies.push({path, ...JSON.parse(body)});
            const answer = answers.shift();
            if (!answer) {
                transport.running = false;
                return {ok: true, status: 200, json: async () => ({events: []})};
            }
            if (answer instanceof Error) {
                throw answer;
            }
            const [status, data] = answer;
            return {ok: status < 400, status, json: async () => data};
        },
    });
    return {transport, log};
}

async function run(parts) {
    parts.transport.start();
    await parts.transport.done;
    return parts.log;
}

test("each poll asks after what is known by then", async () => {
    const log = await run(
        scripted([
            [200, {events: [{c: 1, s: 1}]}],
            [200, {events: [{c: 1, s: 2}]}],
        ])
    );
    assert.deepEqual(
        log.bodies.map((body) => body.seen),
        [{1: 0}, {1: 1}, {1: 2}]
    );
    assert.equal(log.tokens, 1);
});

test("a poll that could not look into the tables is a broken line, not a sign-out", async () => {
    const log = await run(
        scripted([
            [200, {error: "busy", events: []}],
            [200, {error: "busy", events: []}],
        ])
    );
    assert.equal(log.tokens, 1);
    assert.ok(log.line.includes("offline"));
});

test("a refused token is renewed and the call repeated at once", async () => {
    const log = await run(
        scripted([
            [403, {error: "token"}],
            [200, {events: []}],
        ])
    );
    assert.deepEqual(
        log.bodies.slice(0, 2).map((body) => body.token),
        ["token1", "token2"]
    );
    assert.ok(!log.line.includes("offline"));
});

test("a dead network backs off, then resumes with the same seen", async () => {
    const log = await run(
        scripted([
            new TypeError("network"),
            new TypeError("network"),
            new TypeError("network"),
            [200, {events: [{c: 1, s: 1}]}],
        ])
    );
    assert.deepEqual(log.slept.slice(0, 3), [500, 1000, 2000]);
    assert.deepEqual(log.line.slice(0, 4), ["offline", "offline", "offline", "online"]);
    assert.deepEqual(log.bodies[3].seen, {1: 0});
});

test("`retry` of the server is obeyed", async () => {
    const log = await run(
        scripted([
            [200, {events: []}],
            [200, {events: [], retry: 4}],
        ])
    );
    assert.equal(log.slept[0], 4000);
});

test("a server that answers empty at once is not hammered", async () => {
    const empty = [200, {events: []}];
    const log = await run(scripted([empty, empty, empty]));
    assert.ok(log.slept.length >= 2 && log.slept.every((ms) => ms >= 500));
});

test("the first poll after a break does not wait, the others do", async () => {
    const log = await run(
        scripted([[200, {events: []}], [200, {events: []}], new TypeError("network")])
    );
    assert.deepEqual(
        log.bodies.map((body) => body.wait),
        [0, 25, 25, 0]
    );
});

test("no seat: the loop ends and says so", async () => {
    const final = Object.assign(new Error("no seat"), {isFinal: true});
    const log = await run(
        scripted([], {
            getToken: async () => {
                throw final;
            },
        })
    );
    assert.deepEqual(log.line, ["out"]);
});

test("two calls at once ask for one token", async () => {
    const {transport, log} = scripted([
        [200, {s: 1}],
        [200, {s: 2}],
    ]);
    await Promise.all([transport.post("/a", {}), transport.post("/b", {})]);
    assert.equal(log.tokens, 1);
});

test("an error of the server comes with its word and status", async () => {
    const {transport} = scripted([[409, {error: "other"}]]);
    await assert.rejects(transport.post("/huolie/a/send", {}), (error) => {
        assert.ok(error instanceof LineError);
        assert.equal(error.code, "other");
        assert.equal(error.status, 409);
        return true;
    });
});

test("back-off grows, is capped and is spread", () => {
    assert.equal(
        backoff(1, () => 0.5),
        500
    );
    assert.equal(
        backoff(99, () => 0.5),
        30000
    );
    assert.ok(backoff(4, () => 0) < backoff(4, () => 0.99));
});

test("stopped and started at once: still one poll at a time", async () => {
    let open = 0;
    let most = 0;
    const transport = new Transport({
        getToken: async () => ({token: "t", poll: ""}),
        getSeen: () => ({}),
        onEvents: () => {},
        onLine: () => {},
        sleep: async () => {},
        fetch: async () => {
            most = Math.max(most, ++open);
            await new Promise((done) => setTimeout(done, 5));
            open -= 1;
            return {
                ok: true,
                status: 200,
                json: async () => ({events: [{c: 1, s: 1}]}),
            };
        },
    });
    transport.start();
    await new Promise((done) => setTimeout(done, 7));
    transport.stop();
    transport.start();
    await new Promise((done) => setTimeout(done, 20));
    transport.stop();
    await transport.done;
    assert.equal(most, 1);
});
