/* The one global, the window's late arrival, and the start. */

var isOpen = false;
var view = null;
var fetching = null;
var address;
var WORDS = {
    "zh-CN": "\u5728\u7ebf\u5ba2\u670d",
    "zh-TW": "\u7dda\u4e0a\u5ba2\u670d",
    en: "Chat with us",
};
var SORRY = {
    "zh-CN": "\u6682\u65f6\u8fde\u4e0d\u4e0a\uff0c\u8bf7\u7a0d\u540e\u518d\u70b9",
    "zh-TW": "\u66ab\u6642\u9023\u4e0d\u4e0a\uff0c\u8acb\u7a0d\u5f8c\u518d\u9ede",
    en: "Not reachable now, please try again",
};

/** Where the page demands trusted types it must list our policy: `trusted-types huolie`. */
function trusted(url) {
    try {
        return W.trustedTypes
            .createPolicy(NAME, {
                createScriptURL: function (text) {
                    return text;
                },
            })
            .createScriptURL(url);
    } catch (error) {
        return url;
    }
}

/** Load the window's file once: its name is its content, and the browser checks it. */
function fetchWindow() {
    if (fetching || view) {
        return;
    }
    address = address || trusted(base + C.w);
    fetching = D.createElement("script");
    fetching.src = address;
    fetching.integrity = C.i;
    fetching.crossOrigin = "anonymous";
    fetching.nonce = nonce || "";
    fetching.onerror = function () {
        fetching.parentNode.removeChild(fetching);
        fetching = null;
        button && (button.title = SORRY[lang]);
        isOpen = false;
        emit("error", "unreachable");
    };
    D.head.appendChild(fetching);
}

/** The button is out of sight while the window is there. */
function veil() {
    button && paint(button, "visibility:" + (isOpen && view ? "hidden" : "visible"));
}

/** The window's file has come: it gets what it needs and gives back its view. */
function windowCame(build) {
    button && (button.title = "");
    view = build({
        C: C,
        W: W,
        D: D,
        look: look,
        phone: phone,
        lang: lang,
        base: base,
        root: root,
        nonce: nonce,
        ink: ink,
        on: on,
        emit: emit,
        now: now,
        random: random,
        recall: recall,
        keep: keep,
        post: post,
        call: call,
        hello: hello,
        where: where,
        catchUp: catchUp,
        deliver: deliver,
        share: share,
        seen: seen,
        tell: tell,
        open: open,
        close: close,
        info: function () {
            return info;
        },
        isOpen: function () {
            return isOpen;
        },
    });
    if (isOpen) {
        veil();
        view.open();
    }
    if (missed) {
        emit("events", missed);
    }
}

function open() {
    if (!isOpen && !(info && info.state === "off")) {
        isOpen = true;
        fetchWindow();
        count(0);
        share({read: 1});
        veil();
        view && view.open();
        emit("opened");
    }
}

function close() {
    if (isOpen) {
        isOpen = false;
        view && view.close();
        veil();
        button && button.focus();
        emit("closed");
    }
}

function toggle() {
    isOpen ? close() : open();
}

/** Tell the server who the visitor is (`sig` proves it) or facts about the visit. */
function tell(name, value) {
    person[name] = value;
    introduce();
}

var hidden = false;

/** Shown unless the page hid us or the server says there is nothing to show. */
function appear() {
    visible(!hidden && !(info && info.state === "off"));
}

/** Run one queued call: ["identify", {…}]. */
function push(command) {
    var fn = API[command[0]];
    fn && fn.apply(null, [].slice.call(command, 1));
}

var API = {
    open: open,
    close: close,
    toggle: toggle,
    on: on,
    push: push,
    identify: function (who) {
        tell("who", who);
    },
    set: function (attrs) {
        tell("attrs", attrs);
    },
    hide: function () {
        close();
        hidden = true;
        appear();
    },
    show: function () {
        hidden = false;
        appear();
    },
    $: windowCame,
};

/** Say hello once the page has done its own work, unless the site wants us silent. */
function greet() {
    if (C.quiet && !recall().token) {
        return;
    }
    hello();
}

function start() {
    var queue = W[NAME];
    if (queue && queue.$) {
        return;
    }
    W[NAME] = API;
    look.text = look.text || WORDS[lang];
    on("state", appear);
    draw();
    watch();
    if (queue && queue.forEach) {
        queue.forEach(push);
    }
    C.page && open();
    if (D.readyState === "complete") {
        setTimeout(greet);
    } else {
        W.addEventListener("load", function () {
            setTimeout(greet);
        });
    }
}

start();
