// Several tabs, one poll.
import assert from "node:assert/strict";
import {test} from "node:test";
import {Leader} from "../../addons/huolie_chat/static/src/console/leader.js";

/** A browser with tabs: a lock granted in turn or stolen, channels between tabs. */
function browser() {
    const channels = [];
    let queue = [];
    let holder = null;
    const next = () => {
        holder = queue.shift() || null;
        holder?.callback();
    };
    const request = (name, {steal, signal}, callback) =>
        new Promise((_resolve, reject) => {
            const entry = {callback, reject};
            signal?.addEventListener("abort", () => {
                queue = queue.filter((other) => other !== entry);
                reject(new Error("aborted"));
            });
            if (steal) {
                holder?.reject(new Error("stolen"));
                holder = entry;
                callback();
            } else {
                queue.push(entry);
                if (!holder) {
                    next();
                }
            }
        });
    class Channel {
        constructor() {
            channels.push(this);
        }
        postMessage(data) {
            for (const other of channels.filter((channel) => channel !== this)) {
                other.onmessage?.({data: structuredClone(data)});
            }
        }
    }
    return {
        closeTab(tab) {
            channels.splice(channels.indexOf(tab.leader.channel), 1);
            next();
        },
        openTab() {
            const tab = {led: 0, lost: 0, news: [], lines: []};
            tab.leader = new Leader({
                name: "desk",
                locks: {request},
                Channel,
                onLead: () => (tab.led += 1),
                onLose: () => (tab.lost += 1),
                onNews: (events) => tab.news.push(...events),
                onLine: (line) => tab.lines.push(line),
            });
            tab.leader.start();
            return tab;
        },
    };
}

const settled = () => new Promise((done) => setImmediate(done));

test("the first tab polls, the second one listens", () => {
    const {openTab} = browser();
    const [first, second] = [openTab(), openTab()];
    assert.deepEqual([first.led, second.led], [1, 0]);
    first.leader.tell([{c: 1, s: 1}]);
    assert.deepEqual(second.news, [{c: 1, s: 1}]);
    second.leader.tell([{c: 1, s: 9}]);
    assert.deepEqual(first.news, [], "who does not poll has nothing to tell");
});

test("when the polling tab is closed the next one polls", () => {
    const world = browser();
    const [first, second, third] = [world.openTab(), world.openTab(), world.openTab()];
    world.closeTab(first);
    assert.deepEqual([second.led, third.led], [1, 0]);
    second.leader.tell([{c: 2, s: 5}]);
    assert.deepEqual(third.news, [{c: 2, s: 5}]);
});

test("the tab that is looked at takes over, and gives way again", async () => {
    const world = browser();
    const [first, second] = [world.openTab(), world.openTab()];
    second.leader.claim();
    await settled();
    assert.deepEqual([first.lost, second.led], [1, 1]);
    assert.deepEqual([first.leader.isLeader, second.leader.isLeader], [false, true]);
    second.leader.claim();
    assert.equal(second.led, 1, "it polls already");
    first.leader.claim();
    await settled();
    assert.deepEqual([first.led, second.lost], [2, 1]);
    world.closeTab(first);
    await settled();
    assert.equal(second.led, 2);
});

test("a new tab learns that the line is up", () => {
    const {openTab} = browser();
    const first = openTab();
    first.leader.tellLine("online");
    const second = openTab();
    assert.deepEqual(second.lines, ["online"]);
    first.leader.tellLine("offline");
    first.leader.tellLine("offline");
    assert.deepEqual(second.lines, ["online", "offline"]);
});

test("without locks every tab polls", () => {
    let led = 0;
    const leader = new Leader({name: "x", locks: null, onLead: () => led++});
    leader.start();
    leader.tell([{c: 1, s: 1}]);
    assert.equal(led, 1);
});
