// The agent's desk: keeps the line to the server open on every screen of the backend,
// so that a new visitor is announced also while the agent looks at a customer.

import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {RPCError, rpc} from "@web/core/network/rpc";
import {reactive} from "@odoo/owl";
import {session} from "@web/session";
import {Alerter} from "./alerter";
import {Leader} from "./leader";
import {Transport} from "./transport";
import * as S from "./store";

const LIST_DELAY_MS = 150;
const TYPING_EVERY_MS = 2000;
const HOLE_PAGES = 30;
const MAX_FILE = 10 * 1024 * 1024; // as the server has it: services/fastpath.py

export class Desk {
    constructor(env, {orm, title, notification, action}) {
        Object.assign(this, {env, orm, notification, action});
        this.store = reactive(S.createStore());
        this.alerter = new Alerter(title, (id) => this.show(id));
        this.transport = new Transport({
            getToken: () => this.getToken(),
            getSeen: () => S.seenMap(this.store),
            onEvents: (events) => {
                this.leader.tell(events);
                this.onEvents(events);
            },
            onLine: (line) => {
                this.leader.tellLine(line);
                this.onLine(line);
            },
        });
        this.starting = null;
        this.listTimer = null;
        this.lastTyping = 0;
    }

    // ------------------------------------------------------------- life

    /** Load what the agent may see and keep it fresh; safe to call again. */
    start() {
        this.starting = this.starting || this.begin();
        return this.starting;
    }

    async begin() {
        try {
            await this.load();
        } catch (error) {
            this.starting = null;
            throw error;
        }
        this.listen();
        if (this.store.me.seat_id) {
            this.lead();
        }
    }

    /** Poll in this tab, unless another tab of this browser does. */
    lead() {
        this.leader = new Leader({
            name: `huolie-desk-${this.store.me.seat_id}`,
            onLead: () => this.transport.start(),
            onLose: () => this.transport.stop(),
            onNews: (events) => this.onEvents(events),
            onLine: (line) => this.onLine(line),
        });
        this.leader.start();
    }

    async load() {
        const data = await this.orm.silent.call("huolie.console", "load", []);
        const {mine, queue, ...rest} = data;
        Object.assign(this.store, rest, {ready: true});
        S.applyLists(this.store, {mine, queue});
        this.ring();
    }

    listen() {
        this.store.visible = !document.hidden;
        const wake = () => {
            this.store.visible = !document.hidden;
            if (this.store.visible) {
                this.resume();
            }
        };
        document.addEventListener("visibilitychange", wake);
        browser.addEventListener("online", wake);
        browser.addEventListener("pageshow", wake);
        document.addEventListener("pointerdown", () => this.alerter.unlock(), {
            once: true,
            capture: true,
        });
    }

    /** After sleep or a broken line: ask again from what is known. */
    resume() {
        this.leader?.claim();
        if (this.store.line === "out" && this.isSpeaker) {
            this.transport.start();
        } else if (this.store.line !== "online") {
            this.transport.wake();
        }
        this.refreshSoon();
        const conv = this.current;
        if (conv) {
            conv.unread = 0;
            this.markRead(conv);
        }
        this.ring();
    }

    async getToken() {
        try {
            return await rpc("/huolie/a/token", {}, {silent: true});
        } catch (error) {
            // The server said no (signed out, seat stopped): trying again is no use.
            // Its own troubles (the database restarts) are not final.
            error.isFinal =
                error instanceof RPCError &&
                /^odoo\.(exceptions|http)\./.test(error.exceptionName);
            throw error;
        }
    }

    onLine(line) {
        const was = this.store.line;
        this.store.line = line;
        if (line === "online" && was === "offline") {
            this.refreshSoon();
        }
    }

    get current() {
        return this.store.openId ? this.store.conversations[this.store.openId] : null;
    }

    // ------------------------------------------------------------ lists

    refreshSoon() {
        browser.clearTimeout(this.listTimer);
        this.listTimer = browser.setTimeout(() => this.refresh(), LIST_DELAY_MS);
    }

    /** Read the lists; one reading at a time, or an older answer would come last. */
    refresh() {
        if (!this.nextReading) {
            this.nextReading = Promise.resolve(this.reading)
                .catch(() => {})
                .then(() => {
                    this.nextReading = null;
                    this.reading = this.readLists();
                    return this.reading;
                });
        }
        return this.nextReading;
    }

    async readLists() {
        const known = [...this.store.alerts];
        let lists = null;
        try {
            lists = await this.orm.silent.call("huolie.console", "lists", []);
        } catch {
            return; // the line is down; its return reads the lists again
        }
        const {me, ...rest} = lists;
        Object.assign(this.store.me, me);
        S.applyLists(this.store, rest, known);
        this.ring();
        for (const conv of Object.values(this.store.conversations)) {
            if (conv.loaded && conv.gap) {
                this.fillGap(conv);
            }
        }
    }

    async refreshOthers() {
        const known = [...this.store.alerts];
        const others = await this.orm.call("huolie.console", "others", []);
        S.applyLists(this.store, {others}, known);
    }

    /** Of several tabs, the one that polls makes the noise. */
    get isSpeaker() {
        return !this.leader || this.leader.isLeader;
    }

    /** Pass what changed on to sound, notice and title. */
    ring() {
        this.alerter.setWaiting(this.isSpeaker ? this.store.alerts : []);
        this.alerter.setUnread(S.unreadTotal(this.store));
    }

    onEvents(events) {
        const known = new Set(this.store.alerts);
        const todo = S.applyEvents(this.store, events);
        if (todo.out) {
            this.transport.forget();
        }
        if (todo.list) {
            this.refreshSoon();
        }
        for (const id of todo.gaps) {
            this.fillGap(this.store.conversations[id]);
        }
        this.announce(todo, known);
        this.ring();
    }

    announce(todo, known) {
        for (const id of todo.alert.filter((alert) => !known.has(alert))) {
            this.notify(id, _t("New visitor"), _t("Click to answer."));
        }
        for (const event of todo.fresh) {
            const conv = this.store.conversations[event.c];
            if (!conv || !this.store.mine.includes(event.c)) {
                continue;
            }
            if (S.isViewed(this.store, conv)) {
                this.markRead(conv);
            } else {
                this.notify(event.c, conv.name, S.previewOf(event), "message");
            }
        }
    }

    notify(id, title, body, sound = null) {
        if (this.isSpeaker) {
            this.alerter.notify(id, title, body);
            if (sound) {
                this.alerter.play(sound);
            }
        }
    }

    // ----------------------------------------------------- conversation

    /** Open a conversation from anywhere in the backend. */
    async show(id) {
        await this.action.doAction("huolie_chat.huolie_console_action");
        await this.open(id);
    }

    async open(id) {
        const conv = S.openConversation(this.store, id);
        this.ring();
        if (!conv) {
            return;
        }
        if (!conv.loaded || conv.gap) {
            await this.loadLatest(conv);
        }
        this.markRead(conv);
    }

    async loadLatest(conv) {
        conv.failed = false;
        try {
            const {events} = await this.transport.post("/huolie/a/history", {
                c: conv.id,
            });
            S.mergeHistory(this.store, conv, events, {latest: true});
            await this.fillGap(conv);
        } catch {
            conv.failed = true;
        }
    }

    async loadOlder(conv) {
        if (conv.complete || conv.loadingOlder || !conv.events.length) {
            return;
        }
        conv.loadingOlder = true;
        try {
            const before = conv.events[0].s;
            const {events} = await this.transport.post("/huolie/a/history", {
                c: conv.id,
                before,
            });
            S.mergeHistory(this.store, conv, events);
        } finally {
            conv.loadingOlder = false;
        }
    }

    async fillGap(conv) {
        if (!conv || conv.filling) {
            return;
        }
        conv.filling = true;
        try {
            for (let page = 0; page < HOLE_PAGES; page++) {
                const before = S.findHole(conv);
                if (!before) {
                    break;
                }
                const {events} = await this.transport.post("/huolie/a/history", {
                    c: conv.id,
                    before,
                });
                S.mergeHistory(this.store, conv, events);
                if (!events.length) {
                    break;
                }
            }
        } catch {
            // stays marked as a gap; the next resume tries again
        } finally {
            conv.filling = false;
        }
    }

    markRead(conv) {
        if (!this.store.mine.includes(conv.id)) {
            return;
        }
        if (conv.seq > (conv.read || 0) && S.isViewed(this.store, conv)) {
            conv.read = conv.seq;
            this.transport
                .post("/huolie/a/read", {c: conv.id, s: conv.seq})
                .catch(() => (conv.read = 0));
        }
    }

    // ---------------------------------------------------------- sending

    newUid() {
        const bytes = crypto.getRandomValues(new Uint8Array(12));
        return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }

    send(conv, {k = "text", b, p = null}) {
        const message = S.addPending(conv, {u: this.newUid(), k, b, p});
        return this.deliver(conv, message);
    }

    /** Send files that were picked, pasted or dropped; too large ones are named. */
    sendFiles(conv, files) {
        for (const file of files) {
            if (file.size > MAX_FILE) {
                this.notification.add(
                    _t("%s is too large. Files may have up to 10 MB.", file.name),
                    {type: "warning"}
                );
            } else {
                this.sendFile(conv, file);
            }
        }
    }

    sendFile(conv, file) {
        const isImage = /^image\/(png|jpe?g|gif|webp)$/.test(file.type);
        const message = S.addPending(conv, {
            u: this.newUid(),
            k: isImage ? "image" : "file",
            p: {
                name: file.name,
                size: file.size,
                mime: file.type,
                url: isImage ? URL.createObjectURL(file) : null,
            },
        });
        message.file = file;
        return this.deliver(conv, message);
    }

    retry(conv, u) {
        const message = S.retryPending(conv, u);
        return message && this.deliver(conv, message);
    }

    async deliver(conv, message) {
        try {
            const answer = await this.deliverNow(conv, message);
            S.confirmPending(this.store, conv, message.u, answer);
        } catch (error) {
            S.failPending(conv, message.u, this.explain(error));
        }
    }

    deliverNow(conv, message) {
        const {u, k, b, p} = message;
        if (message.file) {
            return this.upload(conv, message);
        }
        if (k === "note" && !this.store.mine.includes(conv.id)) {
            return this.orm.silent.call("huolie.console", "note", [conv.id, b, u]);
        }
        return this.transport.post("/huolie/a/send", {c: conv.id, u, k, b, p});
    }

    upload(conv, message) {
        const body = new FormData();
        body.set("c", conv.id);
        body.set("u", message.u);
        body.set("file", message.file, message.file.name || "image.png");
        return this.transport.post("/huolie/a/upload", body);
    }

    explain(error) {
        const reasons = {
            403: _t("You may not write in this conversation."),
            404: _t("This conversation is no longer yours."),
            409: _t("The conversation has ended."),
            413: _t("Too large. Files may have up to 10 MB."),
            415: _t("This kind of file cannot be sent."),
            422: _t("This cannot be sent."),
            429: _t("Too fast. Wait a moment and try again."),
        };
        return reasons[error.status] || _t("No connection. It was not sent.");
    }

    typing(conv) {
        const now = Date.now();
        if (now - this.lastTyping > TYPING_EVERY_MS) {
            this.lastTyping = now;
            this.transport.post("/huolie/a/typing", {c: conv.id}).catch(() => {});
        }
    }

    async recall(conv, s) {
        try {
            await this.transport.post("/huolie/a/recall", {c: conv.id, s});
        } catch {
            this.notification.add(
                _t("Only messages of the last 2 minutes can be recalled."),
                {type: "warning"}
            );
        }
    }

    // ---------------------------------------------------------- methods

    /** Call a method of `huolie.console` about a conversation, then read the lists. */
    async act(method, ...args) {
        const answer = await this.orm.call("huolie.console", method, args);
        await this.refresh();
        return answer;
    }

    async setStatus(status) {
        this.alerter.unlock();
        const me = await this.orm.call("huolie.console", "set_status", [status]);
        Object.assign(this.store.me, me);
        await this.refresh();
    }
}

export const deskService = {
    dependencies: ["orm", "title", "notification", "action"],
    start(env, services) {
        const desk = new Desk(env, services);
        if (session.huolie_seat) {
            desk.start().catch(() => {});
        }
        return desk;
    },
};

registry.category("services").add("huolie_desk", deskService);
