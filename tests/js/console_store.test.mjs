// The console's memory: order, gaps, doubles, resume. Run: node --test tests/js/
import assert from "node:assert/strict";
import {test} from "node:test";
import {
    addPending,
    applyEvents,
    applyLists,
    confirmPending,
    createStore,
    failPending,
    findHole,
    mergeHistory,
    nextWaiting,
    openConversation,
    retryPending,
    seenMap,
    sortedMine,
    sortedQueue,
    typingOf,
    unreadTotal,
} from "../../addons/huolie_chat/static/src/console/store.js";

const say = (s, extra = {}) => ({
    c: 1,
    s,
    k: "text",
    a: "visitor",
    b: `m${s}`,
    t: 1000 + s,
    ...extra,
});
const seqs = (conv) => conv.events.map((event) => event.s);

function storeWith(seq = 0, extra = {}) {
    const store = createStore();
    applyLists(store, {mine: [{id: 1, seq, unread: 0, ...extra}], queue: []});
    return store;
}

function loaded(events, seq = events.length) {
    const store = storeWith(seq);
    openConversation(store, 1);
    mergeHistory(store, store.conversations[1], events, {latest: true});
    return store;
}

test("messages arrive in order and raise seq", () => {
    const store = loaded([say(1), say(2)]);
    applyEvents(store, [say(3), say(4)]);
    assert.deepEqual(seqs(store.conversations[1]), [1, 2, 3, 4]);
    assert.deepEqual(seenMap(store), {1: 4});
});

test("of more conversations than a poll may follow, those in hand come first", () => {
    const store = createStore();
    const rows = (from, count) =>
        Array.from({length: count}, (_, i) => ({id: from + i, seq: 1, unread: 0}));
    applyLists(store, {
        mine: rows(900, 5),
        queue: rows(1, 199),
        others: rows(300, 150),
    });
    openConversation(store, 449);
    const seen = Object.keys(seenMap(store)).map(Number);
    assert.equal(seen.length, 200);
    assert.ok([900, 901, 902, 903, 904, 449, 1].every((id) => seen.includes(id)));
    assert.ok(!seen.includes(448));
});

test("an event delivered twice is drawn once", () => {
    const store = loaded([say(1)]);
    applyEvents(store, [say(2)]);
    applyEvents(store, [say(2), say(1), say(2)]);
    assert.deepEqual(seqs(store.conversations[1]), [1, 2]);
    assert.equal(store.conversations[1].seq, 2);
});

test("an event from the future waits until the gap is filled", () => {
    const store = loaded([say(1)]);
    const todo = applyEvents(store, [say(4), say(3)]);
    const conv = store.conversations[1];
    assert.deepEqual(todo.gaps, [1]);
    assert.deepEqual(seqs(conv), [1]);
    assert.equal(seenMap(store)[1], 1, "the poll must still ask after 1");
    applyEvents(store, [say(2)]);
    assert.deepEqual(seqs(conv), [1, 2, 3, 4]);
    assert.equal(conv.gap, false);
});

test("history fills a gap and releases what was held back", () => {
    const store = loaded([say(1), say(2)]);
    const conv = store.conversations[1];
    applyEvents(store, [say(6)]);
    assert.equal(findHole(conv), 6);
    mergeHistory(store, conv, [say(3), say(4), say(5)]);
    assert.deepEqual(seqs(conv), [1, 2, 3, 4, 5, 6]);
    assert.equal(findHole(conv), null);
    assert.equal(conv.gap, false);
});

test("after a long sleep the newest page leaves a hole, and it is found", () => {
    const store = loaded([say(1), say(2)]);
    const conv = store.conversations[1];
    mergeHistory(store, conv, [say(10), say(11)], {latest: true});
    assert.equal(findHole(conv), 10);
    assert.equal(conv.gap, true);
    mergeHistory(
        store,
        conv,
        [9, 8, 7, 6, 5, 4, 3].map((s) => say(s))
    );
    assert.equal(findHole(conv), null);
    assert.equal(conv.seq, 11);
});

test("the list says more than the open conversation knows: a gap at its end", () => {
    const store = loaded([say(1), say(2)]);
    applyLists(store, {mine: [{id: 1, seq: 5, unread: 3}], queue: []});
    const conv = store.conversations[1];
    assert.equal(conv.gap, true);
    assert.equal(conv.seq, 2, "seq is what is drawn, so that the poll brings the rest");
});

test("older pages go in front", () => {
    const store = storeWith(5);
    const conv = store.conversations[1];
    mergeHistory(store, conv, [say(4), say(5)], {latest: true});
    assert.equal(findHole(conv), null, "what is older than the first page is no hole");
    assert.equal(conv.complete, false);
    mergeHistory(store, conv, [say(1), say(2), say(3)]);
    assert.deepEqual(seqs(conv), [1, 2, 3, 4, 5]);
    assert.equal(conv.complete, true);
});

test("a conversation that is not loaded counts, and keeps no messages", () => {
    const store = storeWith(3);
    applyEvents(store, [say(4), say(5)]);
    const conv = store.conversations[1];
    assert.equal(conv.seq, 5);
    assert.equal(conv.unread, 2);
    assert.deepEqual(conv.events, []);
    assert.equal(conv.preview, "m5");
});

test("an own message: shown at once, confirmed once, whichever comes first", () => {
    for (const pollFirst of [true, false]) {
        const store = loaded([say(1)]);
        const conv = store.conversations[1];
        addPending(conv, {u: "u1", b: "hello"});
        assert.equal(conv.pending[0].status, "sending");
        const stored = say(2, {a: "agent", b: "hello", u: "u1"});
        if (pollFirst) {
            applyEvents(store, [stored]);
            confirmPending(store, conv, "u1", {s: 2, t: 5});
        } else {
            confirmPending(store, conv, "u1", {s: 2, t: 5});
            applyEvents(store, [stored]);
        }
        assert.deepEqual(seqs(conv), [1, 2]);
        assert.deepEqual(conv.pending, []);
        assert.equal(conv.owed, 0, "answered");
    }
});

test("confirmed out of order: the visitor's words between are not lost", () => {
    const store = loaded([say(1)]);
    const conv = store.conversations[1];
    addPending(conv, {u: "u1", b: "hello"});
    confirmPending(store, conv, "u1", {s: 3, t: 5});
    assert.deepEqual(seqs(conv), [1], "2 is on its way");
    assert.equal(seenMap(store)[1], 1);
    applyEvents(store, [say(2), say(3, {a: "agent", b: "hello", u: "u1"})]);
    assert.deepEqual(seqs(conv), [1, 2, 3]);
});

test("a message that failed keeps its uid when it is tried again", () => {
    const store = loaded([say(1)]);
    const conv = store.conversations[1];
    addPending(conv, {u: "u1", b: "hello"});
    failPending(conv, "u1", "network");
    assert.equal(conv.pending[0].status, "failed");
    assert.equal(retryPending(conv, "u1").u, "u1");
    assert.equal(conv.pending[0].status, "sending");
});

test("longest waiting first, then the latest, ended last", () => {
    const store = createStore();
    const row = (id, extra) => ({id, seq: 1, unread: 0, ...extra});
    applyLists(store, {
        mine: [
            row(1, {owed: 0, lastAt: 50}),
            row(2, {owed: 30, lastAt: 30}),
            row(3, {owed: 10, lastAt: 60}),
            row(4, {owed: 0, lastAt: 90}),
            row(5, {owed: 0, lastAt: 99, state: "closed"}),
        ],
    });
    assert.deepEqual(
        sortedMine(store).map((conv) => conv.id),
        [3, 2, 4, 1, 5]
    );
    assert.equal(nextWaiting(store), 3);
    openConversation(store, 3);
    assert.equal(nextWaiting(store), 2, "Tab goes on to the next one");
});

test("the queue is first in first out, priority before", () => {
    const store = createStore();
    applyLists(store, {
        queue: [
            {id: 1, seq: 1, waitingSince: 20},
            {id: 2, seq: 1, waitingSince: 10},
            {id: 3, seq: 1, waitingSince: 30, priority: 1},
        ],
    });
    assert.deepEqual(
        sortedQueue(store).map((conv) => conv.id),
        [3, 2, 1]
    );
});

test("unread counts only what is not on the screen", () => {
    const store = loaded([say(1)]);
    applyEvents(store, [say(2)]);
    assert.equal(unreadTotal(store), 0);
    store.visible = false;
    applyEvents(store, [say(3)]);
    assert.equal(unreadTotal(store), 1);
    store.visible = true;
    openConversation(store, 1);
    assert.equal(unreadTotal(store), 0);
});

test("lists asked for before an alert came do not silence it", () => {
    const store = createStore();
    const known = [...store.alerts];
    applyEvents(store, [{e: "alert", c: 7}]);
    applyLists(store, {mine: [], queue: []}, known);
    assert.deepEqual(store.alerts, [7]);
    applyLists(store, {mine: [{id: 7, seq: 1, unread: 0}], queue: []});
    assert.deepEqual(store.alerts, [7]);
    applyLists(store, {mine: [], queue: []});
    assert.deepEqual(store.alerts, [], "somebody else has the visitor now");
});

test("an alert lasts until the conversation is opened", () => {
    const store = storeWith(1);
    const todo = applyEvents(store, [{e: "alert", c: 1}]);
    assert.equal(todo.list, true);
    assert.deepEqual(store.alerts, [1]);
    applyEvents(store, [{e: "alert", c: 1}]);
    assert.deepEqual(store.alerts, [1]);
    openConversation(store, 1);
    assert.deepEqual(store.alerts, []);
});

test("a recalled message loses its words, also when history brings it again", () => {
    const store = loaded([say(1), say(2, {a: "agent"})]);
    applyEvents(store, [say(3, {k: "recalled", a: "system", b: "", p: {s: 2}})]);
    const conv = store.conversations[1];
    assert.equal(conv.events[1].r, true);
    assert.equal(conv.events[1].b, "");
    mergeHistory(store, conv, [say(2, {a: "agent", b: "secret"})]);
    assert.equal(conv.events[1].b, "");
});

test("what the visitor types is shown, and forgotten after a while", () => {
    const store = storeWith(1);
    applyEvents(store, [{e: "typing", c: 1, n: "", b: "how mu"}], 1000);
    const conv = store.conversations[1];
    assert.equal(typingOf(conv, 2000).text, "how mu");
    assert.equal(typingOf(conv, 9000), null);
    applyEvents(store, [{e: "typing", c: 1, b: "how much"}], 9500);
    applyEvents(store, [say(2)], 9600);
    assert.equal(conv.typing, null, "the message replaces the preview");
});

test("an unknown conversation asks for the list", () => {
    const store = storeWith(1);
    assert.equal(applyEvents(store, [{...say(1), c: 77}]).list, true);
});

test("who is no longer mine disappears, unless it is open", () => {
    const store = loaded([say(1)]);
    applyLists(store, {mine: [], queue: []});
    assert.ok(store.conversations[1]);
    openConversation(store, null);
    applyLists(store, {mine: [], queue: []});
    assert.equal(store.conversations[1], undefined);
});

test("an old list does not undo a newer event", () => {
    const store = storeWith(1, {preview: "m1", owed: 0});
    applyEvents(store, [say(2)]);
    applyLists(store, {mine: [{id: 1, seq: 1, unread: 0, preview: "m1", owed: 0}]});
    const conv = store.conversations[1];
    assert.equal(conv.preview, "m2");
    assert.equal(conv.unread, 1);
    assert.ok(conv.owed);
});

test("random delivery: shuffled, doubled, cut; the end is the same", () => {
    let state = 42;
    const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
    for (let round = 0; round < 300; round++) {
        const total = 2 + Math.floor(random() * 20);
        const all = Array.from({length: total}, (_, i) => say(i + 1));
        const store = loaded([all[0]]);
        const conv = store.conversations[1];
        const packets = [...all, ...all].filter(() => random() < 0.6);
        packets.sort(() => random() - 0.5);
        for (const event of packets) {
            applyEvents(store, [{...event}]);
        }
        // what a poll brings: everything after seq, in order
        applyEvents(
            store,
            all.filter((event) => event.s > seenMap(store)[1]).map((e) => ({...e}))
        );
        assert.deepEqual(
            seqs(conv),
            all.map((event) => event.s),
            `round ${round}`
        );
        assert.equal(conv.gap, false);
        assert.deepEqual(conv.ahead, []);
    }
});
