/* Long polling: one tab of the browser listens and tells the others. */
/* The tab that listens holds a lease in localStorage. A tab that comes into view takes
   it, so that a tab put to sleep by the browser can never hold it for good. */

var me = random();
var seen = {};
var waiting = null;
var since = 0;
var patience = 25;
var failures = 0;
var timer;
var hiddenAt = 0;
var missed = null;
var LEASE = 70000;

/** Hold the lease if it is free, stale or ours; force takes it in any case. */
function lead(force) {
    var lease = (read(":l") || "").split(" ");
    /* a lease from the future was written before the clock was set back */
    if (force || lease[0] === me || !(Math.abs(now() - lease[1]) < LEASE)) {
        write(":l", me + " " + now());
        return true;
    }
    return false;
}

/** Ask for what comes next, unless we ask already or another tab does. */
function listen(force) {
    clearTimeout(timer);
    if (!info || info.state === "off") {
        return;
    }
    if (!lead(force)) {
        timer = setTimeout(listen, 5000);
        return;
    }
    if (!waiting) {
        since = now();
        waiting = post(
            (info.poll || "") + "/huolie/poll",
            {token: info.token, seen: seen, wait: patience},
            heard,
            patience + 15
        );
    }
}

/** Stop waiting; the answer of a stopped poll is not looked at. */
function hangUp() {
    var xhr = waiting;
    waiting = null;
    clearTimeout(timer);
    if (xhr) {
        xhr.onloadend = null;
        xhr.abort();
    }
}

function heard(status, answer) {
    var waited = now() - since;
    waiting = null;
    if (status === 200) {
        failures = 0;
        take(answer.events || []);
        if (answer.retry) {
            later(answer.retry * 1000);
        } else {
            if (waited > patience * 900) {
                patience = Math.min(50, patience + 5);
            }
            later(waited < 200 && !(answer.events || []).length ? 1000 : 0);
        }
    } else if (status === 403) {
        info = null;
        keep({token: undefined});
        setTimeout(hello, 1000 + Math.random() * 4000);
    } else {
        if (waited > 9000) {
            /* something on the way cuts long waits: wait shorter */
            patience = Math.max(10, Math.min(patience, Math.floor(waited / 1000)) - 3);
        }
        failures += 1;
        emit("line", failures);
        later(Math.min(60000, 1000 * Math.pow(2, failures - 1)));
    }
}

/** Listen again after about that many milliseconds (jitter spreads a thundering herd). */
function later(ms) {
    clearTimeout(timer);
    if (ms) {
        timer = setTimeout(listen, ms * (0.7 + Math.random() * 0.6));
    } else {
        emit("line", 0);
        listen();
    }
}

/** What the listening tab heard: for us and for the other tabs. */
function take(events) {
    if (events.length) {
        share({events: events});
        deliver(events);
    }
}

function deliver(events) {
    var news = 0;
    var call = 0;
    events.forEach(function (event) {
        if (event.s && event.s > (seen[event.c] || 0)) {
            seen[event.c] = event.s;
            if (
                event.a !== "visitor" &&
                /text|image|file|card|choices|form/.test(event.k)
            ) {
                news += 1;
            }
        }
        if (event.e === "state" && info) {
            info.state = event.v;
            emit("state", event.v);
        }
        if (event.e === "open" && !seen[event.c]) {
            /* a conversation of this visitor that this tab does not know yet */
            seen[event.c] = 0;
        }
        call = call || event.e === "invite";
    });
    if (news && !isOpen) {
        count(unread + news);
        emit("unread", unread);
    }
    if (view) {
        emit("events", events);
    } else if (news || call) {
        missed = events;
        fetchWindow();
    }
}

/** Tell the other tabs; nothing stays behind in the storage. */
function share(what) {
    write(":e", JSON.stringify([me, now(), what]));
    write(":e", null);
}

/** Ask for what we may have missed in one conversation; the server may need a moment. */
function catchUp(c, s, done) {
    var from = {};
    from[c] = s;
    if (info) {
        post(
            "/huolie/poll",
            {token: info.token, seen: from, wait: 1},
            function (status, answer) {
                /* an error inside a 200: the server could not look, nothing is known */
                status = answer.error ? 503 : status;
                if (status === 200) {
                    deliver(answer.events || []);
                }
                done && done(status);
            }
        );
    }
}

function onStorage(event) {
    var what;
    if (event.key === KEY + ":l" && waiting && !lead()) {
        hangUp();
        listen();
    } else if (event.key === KEY + ":l" && !event.newValue) {
        timer = setTimeout(listen, Math.random() * 300);
    } else if (event.key === KEY + ":e" && event.newValue) {
        try {
            what = JSON.parse(event.newValue);
        } catch (error) {
            /* not our writing: an error of ours has no place in the host's console */
            return;
        }
        if (what[0] !== me) {
            what[2].events && deliver(what[2].events);
            what[2].read && count(0);
            emit("shared", what[2]);
        }
    }
}

function onVisible() {
    if (D.visibilityState === "hidden") {
        hiddenAt = now();
    } else {
        if (now() - hiddenAt > 10000) {
            hangUp();
        }
        failures = 0;
        listen(1);
        emit("visible");
    }
}

/** Leaving the page: free the lease, and say so if nobody else will listen. */
function onLeave() {
    if (waiting) {
        hangUp();
        write(":l", null);
        if (navigator.sendBeacon && info) {
            navigator.sendBeacon(
                base + "/huolie/v/bye",
                JSON.stringify({token: info.token, c: info.c && info.c.id})
            );
        }
    }
}

function watch() {
    W.addEventListener("storage", onStorage);
    D.addEventListener("visibilitychange", onVisible);
    W.addEventListener("pageshow", function (event) {
        event.persisted && onVisible();
    });
    W.addEventListener("online", function () {
        hangUp();
        onVisible();
    });
    W.addEventListener("pagehide", onLeave);
    W.addEventListener("popstate", pageChanged);
    D.addEventListener(
        "click",
        function () {
            setTimeout(pageChanged, 800);
        },
        true
    );
}
