// A small server that speaks the visitor protocol of docs/contracts.md §2, so that the
// widget's scripts can be tried alone. It keeps everything in memory and does as told:
//   peer.agentSays(c, text), peer.emit(visitor, event), peer.set({state, robot, …}),
//   peer.fail(path, times, status)   the next calls of that route fail
import {readFileSync} from "node:fs";
import http from "node:http";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

const dist = join(
    dirname(fileURLToPath(import.meta.url)),
    "../../addons/huolie_widget/static/dist"
);

export const CONFIG = {
    k: "sitekey",
    lang: "",
    title: "火烈云客服",
    notice: "服务时间：工作日 9:00-18:00",
    form: [
        {name: "name", label: "姓名", type: "text", required: true},
        {name: "phone", label: "手机", type: "tel", required: true},
        {name: "body", label: "留言内容", type: "area", required: true},
    ],
    d: {
        style: "round",
        side: "right",
        x: 24,
        y: 24,
        text: "在线客服",
        color: "#c8321e",
        icon: "M12 3C6.500 3 2 6.600 2 11c0 2.400 1.400 4.600 3.500 6.100L5 21l4-2.200c.9.2 1.900.3 3 .3 5.500 0 10-3.600 10-8s-4.500-8.100-10-8.100z",
        window: "mini",
    },
};

export function loaderScript(config) {
    const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));
    const full = {
        ...config,
        w: `/huolie/w/window.${manifest.window.hash}.js`,
        i: manifest.window.integrity,
    };
    return readFileSync(join(dist, "loader.js"), "utf8").replace('"__CONFIG__"', () =>
        JSON.stringify(full).replace(/</g, "\\u003c")
    );
}

export class Peer {
    constructor(config = CONFIG) {
        this.config = config;
        this.opts = {state: "online", robot: true, welcome: null};
        this.visitors = new Map(); // token -> visitor
        this.talks = []; // index + 1 = conversation id
        this.leads = [];
        this.calls = [];
        this.failures = {};
        this.tokenNo = 0;
    }

    set(values) {
        Object.assign(this.opts, values);
    }

    fail(path, times, status = 500, body = {error: "down"}) {
        this.failures[path] = {times, status, body};
    }

    async start(port = 0) {
        this.server = http.createServer((req, res) => this.serve(req, res));
        await new Promise((done) => this.server.listen(port, "127.0.0.1", done));
        this.url = `http://127.0.0.1:${this.server.address().port}`;
        return this;
    }

    async stop() {
        this.server.closeAllConnections();
        await new Promise((done) => this.server.close(done));
    }

    // --- what happens on the server -------------------------------------------------

    talkOf(visitor) {
        return this.talks.find((t) => t.visitor === visitor && t.state !== "closed");
    }

    push(talk, event) {
        const full = {
            c: talk.id,
            s: talk.events.length + 1,
            a: "system",
            t: Date.now(),
            ...event,
        };
        talk.events.push(full);
        this.wake(talk.visitor, [full]);
        return full;
    }

    emit(visitor, event) {
        this.wake(visitor, [event]);
    }

    wake(visitor, events) {
        const waiters = visitor.waiters.splice(0);
        if (!waiters.length && events.some((e) => e.e)) {
            visitor.missed.push(...events.filter((e) => e.e));
        }
        waiters.forEach((answer) => answer({events}));
    }

    agentSays(c, text, extra = {}) {
        return this.push(this.talks[c - 1], {
            k: "text",
            a: "agent",
            n: "小李",
            b: text,
            ...extra,
        });
    }

    join(c) {
        const talk = this.talks[c - 1];
        talk.state = "open";
        talk.agent = "小李";
        return this.push(talk, {k: "joined", p: {name: "小李"}});
    }

    close(c) {
        this.talks[c - 1].state = "closed";
        return this.push(this.talks[c - 1], {k: "closed", p: {reason: "agent"}});
    }

    /** What another process may pull, see route(). */
    act(name, args) {
        if (name === "config") {
            this.config = {...CONFIG, ...args[0]};
        } else if (name === "state") {
            const pages = [...this.visitors.values()].map((v) => v.pages);
            return {
                leads: this.leads,
                calls: this.calls,
                pages,
                talks: this.talks.map((t) => ({...t, visitor: 0})),
            };
        } else if (name === "waiting") {
            return [...new Set(this.visitors.values())].map((v) => v.waiters.length);
        } else if (name === "tell") {
            [...this.visitors.values()].forEach((v) => this.emit(v, args[0]));
        } else {
            this[name](...args);
        }
    }

    // --- routes ------------------------------------------------------------------------

    serve(req, res) {
        const path = req.url.split("?")[0];
        res.setHeader("Access-Control-Allow-Origin", "*");
        if (req.method === "GET") {
            this.file(path, res);
            return;
        }
        let text = "";
        req.on("data", (part) => (text += part));
        req.on("end", () => this.route(path, text, res));
    }

    file(path, res) {
        res.setHeader("Content-Type", "application/javascript; charset=utf-8");
        if (/^\/huolie\/w\/window\./.test(path)) {
            res.end(readFileSync(join(dist, "window.js")));
        } else if (path.startsWith("/huolie/w/")) {
            res.end(loaderScript(this.config));
        } else {
            res.statusCode = 404;
            res.end("");
        }
    }

    route(path, text, res) {
        const name = path.replace("/huolie/", "");
        const answer = (status, body) => {
            if (!res.writableEnded) {
                res.statusCode = status;
                res.setHeader("Content-Type", "application/json");
                res.end(JSON.stringify(body));
            }
        };
        let body = {};
        if (name.startsWith("/test/")) {
            body = {};
        } else if (text.startsWith("{")) {
            body = JSON.parse(text);
        } else {
            for (const m of text.matchAll(/name="(\w+)"\r\n\r\n([^\r]*)/g)) {
                body[m[1]] = m[2];
            }
        }
        if (name.startsWith("/test/")) {
            // a test in another process pulls the strings: [arguments] → what came out
            const out = this.act(name.slice(6), JSON.parse(text));
            answer(200, {out: out === undefined ? null : out});
            return;
        }
        this.calls.push({name, body});
        const failure = this.failures[name];
        if (failure && failure.times-- > 0) {
            if (failure.status === "cut") {
                // stored, but the answer is lost on the way
                this[name.replace("/", "_")](
                    this.visitors.get(body.token),
                    body,
                    () => null
                );
                res.destroy();
            } else {
                answer(failure.status, failure.body);
            }
            return;
        }
        const visitor = this.visitors.get(body.token);
        if (name === "v/hello") {
            this.hello(body, answer);
        } else if (!visitor) {
            answer(403, {error: "token"});
        } else if (name === "poll") {
            this.poll(visitor, body, answer, res);
        } else {
            this[name.replace("/", "_")](visitor, body, answer);
        }
    }

    hello(body, answer) {
        let visitor = [...this.visitors.values()].find(
            (v) => body.uid && v.uid === body.uid
        );
        if (!visitor) {
            visitor = {
                uid: `visitor-${this.visitors.size + 1}`,
                waiters: [],
                missed: [],
            };
        }
        visitor.pages = (visitor.pages || []).concat(body.page.url);
        const token =
            this.visitors.get(body.token) === visitor
                ? body.token
                : `t${++this.tokenNo}`;
        this.visitors.set(token, visitor);
        const talk = this.talkOf(visitor);
        answer(200, {
            token,
            uid: visitor.uid,
            ...this.opts,
            c: talk
                ? {
                      id: talk.id,
                      s: talk.events.length,
                      state: talk.state,
                      agent: talk.agent,
                      unread: 0,
                  }
                : null,
        });
    }

    /** Tokens given so far are good no more (as after a rotation of the secret). */
    forgetTokens() {
        [...this.visitors].forEach(([token, visitor]) => {
            this.visitors.delete(token);
            this.visitors.set(`old-${token}-${Math.random()}`, visitor);
        });
    }

    poll(visitor, body, answer, res) {
        const events = visitor.missed.splice(0);
        for (const talk of this.talks.filter((t) => t.visitor === visitor)) {
            const from = body.seen[talk.id];
            if (from !== undefined) {
                events.push(...talk.events.filter((e) => e.s > from));
            }
        }
        if (events.length || !body.wait) {
            answer(200, {events});
            return;
        }
        const done = (out) => {
            clearTimeout(timer);
            answer(200, out);
        };
        const timer = setTimeout(() => {
            visitor.waiters = visitor.waiters.filter((w) => w !== done);
            answer(200, {events: []});
        }, body.wait * 1000);
        timer.unref();
        res.on("close", () => {
            clearTimeout(timer);
            visitor.waiters = visitor.waiters.filter((w) => w !== done);
        });
        visitor.waiters.push(done);
    }

    v_open(visitor, body, answer) {
        let talk = this.talkOf(visitor);
        if (!talk) {
            talk = {
                id: this.talks.length + 1,
                visitor,
                events: [],
                state: this.opts.robot ? "robot" : "waiting",
                agent: null,
            };
            this.talks.push(talk);
            this.push(talk, {k: "opened", p: {}});
            if (this.opts.robot) {
                this.push(talk, {
                    k: "choices",
                    a: "robot",
                    n: "小火",
                    p: {
                        text: "您好，请问想了解什么？",
                        items: [
                            {id: 1, label: "怎么收费？"},
                            {id: 2, label: "怎么接入网站？"},
                        ],
                        more: [{id: 3, label: "试用期多久？"}],
                    },
                });
            }
        }
        answer(200, {
            c: {
                id: talk.id,
                s: talk.events.length,
                state: talk.state,
                agent: talk.agent,
            },
            events: talk.events,
        });
    }

    v_history(visitor, body, answer) {
        answer(200, {events: []});
    }

    v_send(visitor, body, answer) {
        const talk = this.talks[body.c - 1];
        if (!talk || talk.visitor !== visitor) {
            return answer(404, {error: "missing"});
        }
        if (talk.state === "closed") {
            return answer(409, {error: "closed"});
        }
        const same = talk.events.find((e) => e.u === body.u);
        if (same) {
            return same.b === body.b
                ? answer(200, {s: same.s, t: same.t})
                : answer(409, {error: "other"});
        }
        if ((body.b || "").includes("太长")) {
            return answer(422, {error: "long"});
        }
        const event = this.push(talk, {
            k: body.k,
            a: "visitor",
            b: body.b,
            p: body.p,
            u: body.u,
        });
        answer(200, {s: event.s, t: event.t});
        if (talk.state === "robot") {
            this.push(talk, {
                k: "text",
                a: "robot",
                n: "小火",
                b: `关于“${body.b}”：请看 https://example.com/help 。`,
            });
        }
    }

    v_upload(visitor, body, answer) {
        const p = {
            id: 1,
            name: "photo.png",
            mime: "image/png",
            size: 2048,
            w: 100,
            h: 80,
            url: "/huolie/f/1?s=x",
        };
        const event = this.push(this.talks[body.c - 1], {
            k: "image",
            a: "visitor",
            p,
            u: body.u,
        });
        answer(200, {s: event.s, t: event.t, p});
    }

    v_human(visitor, body, answer) {
        const talk = this.talks[body.c - 1];
        if (this.opts.state === "form") {
            return answer(200, {state: "form"});
        }
        talk.state = "waiting";
        this.push(talk, {k: "human"});
        this.push(talk, {k: "waiting"});
        answer(200, {state: "waiting", place: 3});
    }

    v_close(visitor, body, answer) {
        this.close(body.c);
        answer(200, {});
    }

    v_rate(visitor, body, answer) {
        this.talks[body.c - 1].rating = body;
        answer(200, {});
    }

    v_form(visitor, body, answer) {
        if (body.fields.phone === "13800000000") {
            return answer(422, {error: "fields", fields: {phone: "invalid"}});
        }
        if (!this.leads.some((l) => l.u === body.u)) {
            this.leads.push({u: body.u, ...body.fields});
        }
        answer(200, {ok: true});
    }

    v_who(visitor, body, answer) {
        visitor.who = body.who;
        visitor.attrs = body.attrs;
        answer(200, {});
    }

    v_typing(visitor, body, answer) {
        visitor.typing = body.b;
        answer(200, {});
    }

    v_read(visitor, body, answer) {
        visitor.read = body.s;
        answer(200, {});
    }

    v_bye(visitor, body, answer) {
        answer(200, {});
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const peer = await new Peer().start(Number(process.argv[2] || 8168));
    console.log(peer.url);
}
