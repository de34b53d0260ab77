/* The line to the server: plain XHR, text bodies, so no preflight is ever needed. */

var info = null;
var asking = null;
var unheard = 0;
var person = {};

/**
 * POST body as JSON text.
 * @param {Function} done (status, answer): status 200 with an object, else the HTTP
 *     status, 0 when the network failed; the answer is always an object
 * @param {Number} seconds how long to wait
 */
function post(path, body, done, seconds) {
    var xhr = new XMLHttpRequest();
    var over;
    function end() {
        var answer = null;
        if (over) {
            return;
        }
        over = 1;
        try {
            answer = JSON.parse(xhr.responseText);
        } catch (error) {
            answer = null;
        }
        done(answer ? xhr.status : xhr.status === 200 ? 0 : xhr.status, answer || {});
    }
    xhr.open("POST", path.charAt(0) === "/" ? base + path : path, true);
    xhr.timeout = (seconds || 20) * 1000;
    xhr.onloadend = end;
    xhr.send(body instanceof Object && !body.append ? JSON.stringify(body) : body);
    return xhr;
}

/** Say who and where we are; many callers while one is under way share its answer. */
function hello(done) {
    var kept = recall();
    if (asking) {
        asking.push(done);
        return;
    }
    asking = [done];
    page = W.location.href;
    post(
        "/huolie/v/hello",
        {
            key: C.k,
            db: C.db,
            uid: kept.uid,
            token: kept.token,
            page: where(),
            lang: lang,
            w: W.innerWidth,
        },
        function (status, answer) {
            var callers = asking;
            asking = null;
            if (status === 403 || status === 404) {
                /* not for this website, or not there any more: show nothing */
                answer = {state: "off"};
            }
            if (answer.state) {
                unheard = 0;
                learn(answer);
            } else {
                unheard += 1;
                setTimeout(
                    helloAgain,
                    Math.min(60000, 1000 * Math.pow(2, unheard)) *
                        (0.7 + Math.random() * 0.6)
                );
            }
            callers.forEach(function (fn) {
                fn && fn(status);
            });
        }
    );
}

function helloAgain() {
    info || hello();
}

/** Take over what hello answered. */
function learn(answer) {
    info = answer;
    if (answer.token) {
        keep({token: answer.token, uid: answer.uid});
    }
    if (answer.c) {
        seen[answer.c.id] = Math.max(seen[answer.c.id] || 0, answer.c.s || 0);
        count(answer.c.unread || 0);
    }
    emit("state", answer.state);
    listen();
    introduce();
}

/** Tell who the visitor is, as far as the page or a form said; once per word. */
function introduce() {
    var said = person;
    if (info && info.token && (said.who || said.attrs)) {
        person = {};
        call("who", said, function (status) {
            /* not heard: said again with the next hello, unless newer words came */
            if (!status || status >= 429) {
                person.who = person.who || said.who;
                person.attrs = person.attrs || said.attrs;
            }
        });
    }
}

var page;

function where() {
    return {url: W.location.href, title: D.title, ref: D.referrer};
}

/** A page of the same document (single page applications) is a new page view; what
 *  such an application threw away with its old page is put back. */
function pageChanged() {
    if (!D.documentElement.contains(host)) {
        D.body.appendChild(host);
    }
    if (info && page !== W.location.href) {
        hello();
    }
}

/**
 * A call that needs the visitor's token; a token that is no longer good is renewed once.
 */
function call(path, body, done, again) {
    if (!info) {
        hello(function (status) {
            if (info) {
                call(path, body, done, again);
            } else {
                done(status === 200 ? 0 : status, {});
            }
        });
        return;
    }
    body.token = info.token;
    post("/huolie/v/" + path, body, function (status, answer) {
        if (status === 403 && answer.error === "token" && !again) {
            info = null;
            keep({token: undefined});
            call(path, body, done, 1);
        } else {
            if (answer.error === "off") {
                info.state = "off";
                emit("state", "off");
            }
            done(status, answer);
        }
    });
}
