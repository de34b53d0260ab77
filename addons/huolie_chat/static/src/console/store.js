// What the console knows: conversations, their messages by seq, what was sent but not
// yet confirmed. Plain functions on a plain object (no Odoo, no browser), so that
// order, gaps and doubles are tested under Node.

/** Events that draw a line of their own and change who sits in a conversation. */
const SEAT_EVENTS = ["joined", "transferred", "left", "closed", "waiting", "opened"];
const TYPING_MS = 6000;
const MOST_SEEN = 200;

export function createStore() {
    return {
        ready: false,
        line: "connecting", // connecting | online | offline | out
        me: null,
        conversations: {},
        mine: [],
        queue: [],
        others: [],
        openId: null,
        visible: true,
        alerts: [],
    };
}

export function createConversation(id) {
    return {
        id,
        state: "open",
        name: "",
        site: "",
        group: "",
        seat: null,
        seq: 0,
        loaded: false,
        complete: false,
        gap: false,
        events: [],
        ahead: [],
        pending: [],
        unread: 0,
        preview: "",
        lastAt: 0,
        owed: 0, // ms of the oldest message of the visitor without an answer
        waitingSince: 0,
        typing: null,
        visitorRead: 0,
        draft: "",
    };
}

export function ensureConversation(store, id) {
    if (!store.conversations[id]) {
        store.conversations[id] = createConversation(id);
    }
    return store.conversations[id];
}

/** Is this conversation on the agent's screen at this moment? */
export function isViewed(store, conv) {
    return store.visible && store.openId === conv.id;
}

// ------------------------------------------------------------------ lists

function mergeRow(store, row) {
    const conv = ensureConversation(store, row.id);
    const {seq, unread, ...meta} = row;
    // A list read before an event arrived is older than what the event said.
    if (seq < conv.seq) {
        delete meta.preview;
        delete meta.lastAt;
        delete meta.owed;
    } else {
        conv.unread = isViewed(store, conv) ? 0 : unread || 0;
        if (!conv.loaded) {
            conv.seq = seq;
        } else if (seq > conv.seq) {
            conv.gap = true;
        }
    }
    Object.assign(conv, meta);
    return conv.id;
}

/**
 * Take over the lists the server sent: {mine, queue, others}.
 * @param {number[]} known alerts when the lists were asked for: one that came since is
 *   about a visitor whom the lists may not have yet
 */
export function applyLists(store, lists, known = store.alerts) {
    for (const name of ["mine", "queue", "others"]) {
        if (lists[name]) {
            store[name] = lists[name].map((row) => mergeRow(store, row));
        }
    }
    const kept = new Set([...store.mine, ...store.queue, ...store.others]);
    for (const id of Object.keys(store.conversations).map(Number)) {
        if (!kept.has(id) && id !== store.openId) {
            delete store.conversations[id];
        }
    }
    store.alerts = store.alerts.filter((id) => kept.has(id) || !known.includes(id));
    return store;
}

/** My conversations: who waits longest for an answer first, ended ones last. */
export function sortedMine(store) {
    return sortConversations(store.mine.map((id) => store.conversations[id]));
}

export function sortConversations(conversations) {
    const rank = (conv) => (conv.state === "closed" ? 2 : conv.owed ? 0 : 1);
    return conversations
        .filter(Boolean)
        .sort(
            (a, b) =>
                rank(a) - rank(b) ||
                (rank(a) === 0 ? a.owed - b.owed : b.lastAt - a.lastAt) ||
                a.id - b.id
        );
}

/** The queue: first in, first out, higher priority first. */
export function sortedQueue(store) {
    return store.queue
        .map((id) => store.conversations[id])
        .filter(Boolean)
        .sort(
            (a, b) =>
                (b.priority || 0) - (a.priority || 0) ||
                a.waitingSince - b.waitingSince ||
                a.id - b.id
        );
}

/** The conversation Tab leads to: longest waiting that is not the open one. */
export function nextWaiting(store) {
    const waiting = sortedMine(store).filter((conv) => conv.owed || conv.unread);
    const next = waiting.find((conv) => conv.id !== store.openId) || waiting[0];
    return next ? next.id : null;
}

export function unreadTotal(store) {
    return store.mine.reduce(
        (sum, id) => sum + (store.conversations[id]?.unread || 0),
        0
    );
}

/**
 * `seen` of the poll: up to which seq each conversation is known here. The server
 * follows so many at once; those in hand come first.
 */
export function seenMap(store) {
    const {openId, mine, queue, others, conversations} = store;
    const all = Object.keys(conversations).map(Number);
    const ids = new Set([openId, ...mine, ...queue, ...others, ...all]);
    const known = [...ids].filter((id) => conversations[id]);
    return Object.fromEntries(
        known.slice(0, MOST_SEEN).map((id) => [id, conversations[id].seq])
    );
}

// ----------------------------------------------------------------- events

/**
 * Apply what a poll brought.
 * @returns {{list: boolean, gaps: number[], fresh: Object[], out: boolean}} what to do
 *   next: read the lists again, fill gaps, alert about new words of visitors
 */
export function applyEvents(store, events, now = Date.now()) {
    const todo = {list: false, gaps: [], fresh: [], alert: [], out: false};
    for (const event of events) {
        if (event.e) {
            applyEphemeral(store, event, now, todo);
        } else {
            applyEvent(store, event, todo);
        }
    }
    todo.gaps = [...new Set(todo.gaps)];
    return todo;
}

function applyEphemeral(store, event, now, todo) {
    const conv = store.conversations[event.c];
    if (event.e === "list" || event.e === "open") {
        todo.list = true;
    } else if (event.e === "out") {
        todo.out = true;
    } else if (event.e === "alert") {
        todo.list = true;
        todo.alert.push(event.c);
        addAlert(store, event.c);
    } else if (event.e === "typing" && conv) {
        conv.typing = {
            name: event.n || "",
            text: event.b || "",
            until: now + TYPING_MS,
        };
    } else if (event.e === "read" && conv) {
        conv.visitorRead = Math.max(conv.visitorRead, event.s || 0);
    }
}

function applyEvent(store, event, todo) {
    const conv = store.conversations[event.c];
    if (!conv) {
        todo.list = true;
        return;
    }
    dropPending(conv, event.u);
    if (event.s <= conv.seq) {
        fillHole(conv, event);
        return;
    }
    if (event.s > conv.seq + 1) {
        if (conv.loaded) {
            holdBack(conv, event);
            todo.gaps.push(conv.id);
            return;
        }
        todo.list = true;
    }
    push(store, conv, event, todo);
    releaseHeld(store, conv, todo);
}

function holdBack(conv, event) {
    conv.gap = true;
    if (!conv.ahead.some((held) => held.s === event.s)) {
        conv.ahead.push(event);
        conv.ahead.sort((a, b) => a.s - b.s);
    }
}

function releaseHeld(store, conv, todo) {
    conv.ahead = conv.ahead.filter((event) => event.s > conv.seq);
    while (conv.ahead.length && conv.ahead[0].s === conv.seq + 1) {
        push(store, conv, conv.ahead.shift(), todo);
    }
    if (!conv.ahead.length && conv.loaded) {
        conv.gap = false;
    }
}

function push(store, conv, event, todo) {
    conv.seq = event.s;
    if (conv.loaded) {
        conv.events.push(event);
    }
    touch(store, conv, event);
    if (SEAT_EVENTS.includes(event.k)) {
        todo.list = true;
    }
    if (event.a === "visitor" && !isSystem(event)) {
        todo.fresh.push(event);
    }
}

function touch(store, conv, event) {
    applyRecall(conv, event);
    if (event.k === "closed") {
        conv.state = "closed";
        conv.owed = 0;
    }
    if (isSystem(event)) {
        return;
    }
    conv.lastAt = event.t || conv.lastAt;
    conv.preview = previewOf(event);
    if (event.a === "visitor") {
        conv.typing = null;
        conv.owed = conv.owed || event.t || 1;
        if (!isViewed(store, conv)) {
            conv.unread += 1;
        }
    } else if (event.a === "agent" && event.k !== "note") {
        conv.owed = 0;
    }
}

function applyRecall(conv, event) {
    if (event.k !== "recalled") {
        return;
    }
    const seq = event.p?.s ?? event.p?.seq;
    const target = conv.events.find((other) => other.s === seq);
    if (target) {
        target.r = true;
        target.b = "";
        target.p = null;
    }
}

export function isSystem(event) {
    return (
        event.a === "system" ||
        [...SEAT_EVENTS, "rated", "recalled", "human"].includes(event.k)
    );
}

/** A short text of an event for the list; kinds without words give their kind. */
export function previewOf(event) {
    if (event.r) {
        return "";
    }
    return (
        event.b ||
        event.p?.label ||
        event.p?.text ||
        event.p?.title ||
        event.p?.name ||
        `[${event.k}]`
    );
}

// ---------------------------------------------------------------- history

/** Put a page of history (any order, may overlap) where it belongs. */
export function mergeHistory(store, conv, page, {latest = false} = {}) {
    const bySeq = new Map(conv.events.map((event) => [event.s, event]));
    for (const event of page) {
        bySeq.set(event.s, event);
        dropPending(conv, event.u);
    }
    const wasLoaded = conv.loaded;
    conv.events = [...bySeq.values()].sort((a, b) => a.s - b.s);
    conv.loaded = true;
    conv.complete = conv.complete || !page.length || conv.events[0].s <= 1;
    for (const event of conv.events) {
        applyRecall(conv, event);
    }
    const last = conv.events.length ? conv.events[conv.events.length - 1].s : 0;
    if (latest || !wasLoaded) {
        conv.seq = Math.max(conv.seq, last);
    }
    const todo = {list: false, gaps: [], fresh: [], alert: []};
    advance(conv);
    releaseHeld(store, conv, todo);
    settleGap(conv);
    return conv;
}

/** Raise seq over events that history has just brought behind it. */
function advance(conv) {
    for (const event of conv.events) {
        if (event.s === conv.seq + 1) {
            conv.seq = event.s;
        }
    }
}

function settleGap(conv) {
    conv.gap = Boolean(findHole(conv));
}

function fillHole(conv, event) {
    if (conv.loaded && !conv.events.some((known) => known.s === event.s)) {
        conv.events.push(event);
        conv.events.sort((a, b) => a.s - b.s);
        applyRecall(conv, event);
        settleGap(conv);
    }
}

/**
 * The first missing stretch between loaded messages, as the `before` that history
 * needs, or null. What is older than the first loaded page is no hole.
 */
export function findHole(conv) {
    const known = [...conv.events, ...conv.ahead];
    for (let i = 1; i < known.length; i++) {
        if (known[i].s > known[i - 1].s + 1) {
            return known[i].s;
        }
    }
    const last = known.length ? known[known.length - 1].s : 0;
    return conv.loaded && last < conv.seq ? conv.seq + 1 : null;
}

// ---------------------------------------------------------------- sending

/** Show what is being sent at once; `u` makes a second try the same message. */
export function addPending(conv, {u, k = "text", b = "", p = null, t = Date.now()}) {
    const message = {c: conv.id, s: null, u, k, b, p, a: "agent", t, status: "sending"};
    conv.pending.push(message);
    // the stored object, so that a reactive store hands out its proxy
    return conv.pending[conv.pending.length - 1];
}

/** The server has it: the bubble becomes message `s`. */
export function confirmPending(store, conv, u, {s, t, event = null}) {
    const message = conv.pending.find((pending) => pending.u === u);
    if (!message) {
        return;
    }
    const {u: uid, k, b, p, a} = message;
    const stored = event || {u: uid, k, b, p, a, t: t || message.t};
    applyEvents(store, [{...stored, c: conv.id, s}]);
}

export function failPending(conv, u, reason) {
    const message = conv.pending.find((pending) => pending.u === u);
    if (message) {
        message.status = "failed";
        message.reason = reason;
    }
}

export function retryPending(conv, u) {
    const message = conv.pending.find((pending) => pending.u === u);
    if (message) {
        message.status = "sending";
        message.reason = null;
    }
    return message;
}

export function dropPending(conv, u) {
    if (u) {
        conv.pending = conv.pending.filter((pending) => pending.u !== u);
    }
}

// ----------------------------------------------------------------- alerts

export function addAlert(store, id) {
    if (id && !store.alerts.includes(id)) {
        store.alerts.push(id);
    }
}

/** Opening a conversation ends its alert and its unread count. */
export function openConversation(store, id) {
    store.openId = id;
    store.alerts = store.alerts.filter((other) => other !== id);
    const conv = id ? ensureConversation(store, id) : null;
    if (conv) {
        conv.unread = 0;
    }
    return conv;
}

/** A conversation's typing notice, or null when it has run out. */
export function typingOf(conv, now = Date.now()) {
    return conv.typing && conv.typing.until > now ? conv.typing : null;
}
