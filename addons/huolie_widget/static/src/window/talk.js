/* The conversation with the server: open, send, ask for a person, read, close. */

var talk = {
    c: null,
    state: null,
    agent: null,
    place: null,
    typing: null,
    opening: null,
};
var log = new Log(function (c, s) {
    fetchGap(c, s);
});
var outbox = new Outbox(carry, function (item) {
    if (item && item.st === "sent") {
        settle(item);
    }
    H.emit("draw");
});
var gaps = {};

/** Fill a hole in the numbers; one request per hole, again later if it fails. */
function fetchGap(c, s) {
    if (gaps[c] !== s) {
        gaps[c] = s;
        H.catchUp(c, s, function (status) {
            if (status === 200) {
                log.skip(c);
                delete gaps[c];
            } else {
                setTimeout(function () {
                    delete gaps[c];
                    log.advance(c);
                }, 3000);
            }
        });
    }
}

/** The server stored our message: it takes its place among the numbered ones. */
function settle(item) {
    takeIn([
        {
            c: item.c,
            s: item.s,
            k: item.k,
            a: "visitor",
            b: item.b,
            p: item.p,
            t: item.t,
            u: item.u,
        },
    ]);
}

function setConversation(c) {
    talk.c = c.id;
    talk.state = c.state;
    talk.agent = c.agent || null;
    H.seen[c.id] = Math.max(H.seen[c.id] || 0, c.s || 0);
    talk.place = null;
}

/** Get or create the open conversation; callers in the meantime share the answer. */
function openTalk(done) {
    if (talk.opening) {
        talk.opening.push(done);
        return;
    }
    talk.opening = [done];
    H.call("open", {page: H.where()}, function (status, answer) {
        var callers = talk.opening;
        talk.opening = null;
        if (status === 200 && answer.c) {
            setConversation(answer.c);
            log.begin(answer.c.id, answer.events || []);
            setPlace(answer);
            H.share({c: talk.c});
            H.emit("draw");
        }
        callers.forEach(function (fn) {
            fn && fn(status, answer);
        });
    });
}

/** Place in the queue, where an answer names one. */
function setPlace(answer) {
    if (answer.place) {
        talk.place = {n: answer.place, w: answer.wait};
    }
}

/** Bring one message to the server, in the conversation that is open now. */
function carry(item, done) {
    if (!talk.c || talk.state === "closed") {
        openTalk(function (status, answer) {
            if (status === 200 && talk.c) {
                carry(item, done);
            } else if (status === 200) {
                done(422, {error: "nobody"});
                H.emit("nobody", item);
            } else {
                done(status, answer);
            }
        });
        return;
    }
    item.c = talk.c;
    if (item.file) {
        carryFile(item, done);
        return;
    }
    H.call(
        "send",
        {c: item.c, u: item.u, k: item.k, b: item.b, p: item.p},
        function (status, answer) {
            if (gone(status, answer) && !item.reopened) {
                item.reopened = true;
                talk.c = null;
                carry(item, done);
            } else {
                done(status, answer);
            }
        }
    );
}

function gone(status, answer) {
    return status === 404 || (status === 409 && answer.error === "closed");
}

/** A form carries the token as a field: a token that is no longer good is renewed once. */
function carryFile(item, done, again) {
    var data = new FormData();
    var info = H.info();
    function renew(status) {
        H.hello(function (greeted) {
            if (H.info()) {
                carryFile(item, done, 1);
            } else {
                done(greeted === 200 ? 0 : greeted || status, {});
            }
        });
    }
    if (!info) {
        renew(0);
        return;
    }
    data.append("token", info.token);
    data.append("c", item.c);
    data.append("u", item.u);
    data.append("file", item.file, item.p.name);
    H.post(
        "/huolie/v/upload",
        data,
        function (status, answer) {
            if (status === 403 && answer.error === "token" && !again) {
                renew(status);
                return;
            }
            if (answer.p) {
                item.p = answer.p;
            }
            done(status, answer);
        },
        120
    );
}

/** Show a message at once and send it. */
function sendMessage(kind, body, payload, file) {
    var item = {
        u: H.random(),
        key: H.random(),
        k: kind,
        b: body,
        p: payload,
        t: H.now(),
        a: "visitor",
        file: file,
    };
    log.pending.push(item);
    outbox.put(item);
    H.emit("draw", "own");
}

/** Put back what an earlier page left on its way. */
function restoreOutbox() {
    outbox.restore().forEach(function (item) {
        item.key = H.random();
        item.a = "visitor";
        log.pending.push(item);
        outbox.put(item);
    });
}

/** Events from the poll, from another tab, or of our own sends. */
function takeIn(events) {
    var fresh = log.add(events);
    events.forEach(function (event) {
        if (event.e) {
            ephemeral(event);
        }
    });
    fresh.forEach(function (event) {
        if (event.c > (talk.c || 0)) {
            /* begun elsewhere: in another tab, or by an agent */
            talk.c = event.c;
            talk.state = "open";
        }
        follow(event);
    });
    H.emit("draw");
    H.emit("fresh", fresh);
}

function ephemeral(event) {
    if (event.e === "typing" && event.c === talk.c) {
        talk.typing = H.now();
        setTimeout(H.emit, 6100, "draw");
    } else if (event.e === "place" && event.c === talk.c) {
        talk.place = event;
    } else if (event.e === "invite") {
        H.emit("invite", event);
    }
}

/** What an event says about the state of the conversation. */
function follow(event) {
    var p = event.p || {};
    if (event.c < talk.c) {
        return;
    }
    if (event.a === "agent" || event.a === "robot") {
        talk.typing = null;
    }
    if (event.k === "waiting" || event.k === "human" || event.k === "left") {
        talk.state = "waiting";
        talk.agent = null;
    } else if (event.k === "joined" || event.k === "transferred") {
        talk.state = "open";
        talk.agent = p.name || null;
        talk.place = null;
    } else if (event.k === "closed" || event.k === "rated") {
        talk.state = "closed";
        talk.place = null;
        H.emit(event.k === "rated" ? "ratedNow" : "over", event);
    }
}

/** Ask for a person; without an open conversation one is begun first. */
function askHuman(done) {
    if (!talk.c || talk.state === "closed") {
        openTalk(function (status) {
            if (status === 200) {
                talk.state === "robot"
                    ? askHuman(done)
                    : done(200, {state: talk.c ? talk.state : "form"});
            } else {
                done(status, {});
            }
        });
        return;
    }
    H.call("human", {c: talk.c}, function (status, answer) {
        if (status === 200 && answer.state && answer.state !== "form") {
            talk.state = answer.state === "queue" ? "waiting" : answer.state;
            setPlace(answer);
        }
        done(status, answer);
        H.emit("draw");
    });
}

var typedAt = 0;
var typedTimer;

/** Tell the agent that (and what) the visitor types: at most once a second. */
function tellTyping(text) {
    if (talk.c && talk.state === "open") {
        clearTimeout(typedTimer);
        typedTimer = setTimeout(
            function () {
                typedAt = H.now();
                H.call(
                    "typing",
                    {c: talk.c, b: C.preview === false ? "" : text.slice(0, 500)},
                    none
                );
            },
            Math.max(0, typedAt + 1000 - H.now())
        );
    }
}

var readMark = {};

/** Tell how far the visitor has read, when there is something to tell. */
function tellRead() {
    var s = log.last[talk.c];
    if (
        talk.c &&
        s &&
        readMark[talk.c] !== s &&
        H.isOpen() &&
        D.visibilityState !== "hidden"
    ) {
        readMark[talk.c] = s;
        H.call("read", {c: talk.c, s: s}, none);
    }
}

function endTalk(done) {
    H.call("close", {c: talk.c}, function (status) {
        if (status === 200) {
            talk.state = "closed";
            H.emit("over", {});
        }
        done(status);
    });
}

function rateTalk(values, done) {
    values.c = talk.c;
    H.call("rate", values, done);
}

/** Older messages than the first one shown. */
function fetchEarlier(done) {
    H.call("history", {before: talk.before}, function (status, answer) {
        (answer.events || []).forEach(function (event) {
            log.take(event);
        });
        talk.before = answer.before || undefined;
        done(status, Boolean(answer.before));
        H.emit("draw", "earlier");
    });
}

function none() {
    return null;
}
