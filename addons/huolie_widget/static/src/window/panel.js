/* The frame of the window: head, log, line to write in, and what the keyboard does. */

var PATHS = {
    close: "M19 6.4 17.6 5 12 10.6 6.4 5 5 6.4l5.6 5.6L5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6z",
    end: "M13 3h-2v10h2zm4.8 2.2-1.4 1.4A7 7 0 1 1 7.6 6.6L6.2 5.2a9 9 0 1 0 11.6 0z",
    loud: "M3 9v6h4l5 5V4L7 9zm13.5 3A4.5 4.5 0 0 0 14 8v8a4.5 4.5 0 0 0 2.5-4z",
    mute: "M3 9v6h4l5 5V4L7 9zm17 .6-1.4-1.4-2.1 2.2-2.2-2.2-1.4 1.4 2.2 2.2-2.2 2.1 1.4 1.4 2.2-2.1 2.1 2.1 1.4-1.4-2.1-2.1z",
    smile: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 18a8 8 0 1 1 0-16 8 8 0 0 1 0 16zM8.5 11a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zm7 0a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM12 17.5c2.3 0 4.3-1.5 5.1-3.5H6.9c.8 2 2.8 3.5 5.1 3.5z",
    clip: "M16.5 6v11.5a4 4 0 0 1-8 0V5a2.5 2.5 0 0 1 5 0v10.5a1 1 0 0 1-2 0V6H10v9.5a2.5 2.5 0 0 0 5 0V5a4 4 0 0 0-8 0v12.5a5.5 5.5 0 0 0 11 0V6z",
};
var EMOJI = (
    "😀 😄 😁 😊 🙂 😉 😍 😘 🤔 😅 😂 🤣 😭 😢 😮 😳 😎 😴 😡 🙏 " +
    "👍 👎 👌 👏 💪 🤝 👋 ❤️ 💔 🌹 🎉 🎁 ☕ 🍻 🔥 ⭐ ✅ ❌ ❓ ❗"
).split(" ");
var ACCEPT = "image/*,.pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.txt,.csv,.zip,.rar";

var panel = {nodes: {}};

function drawHead() {
    var kept = H.recall();
    panel.sub = h("div.sub", {"aria-live": "polite"});
    panel.sound = iconButton(
        "tool",
        kept.mute ? PATHS.mute : PATHS.loud,
        say(kept.mute ? "soundOn" : "soundOff"),
        turnSound
    );
    panel.end = iconButton("tool", PATHS.end, say("end"), askEnd);
    return h(
        "div.head",
        {},
        h("div.wrap", {}, [
            C.logo && h("img.logo", {src: ours(C.logo), alt: ""}),
            h("div.names", {}, [
                h("div.title", {id: "h-title"}, C.title || say("title")),
                panel.sub,
            ]),
            panel.sound,
            panel.end,
            C.page ? null : iconButton("tool", PATHS.close, say("close"), H.close),
        ])
    );
}

function turnSound() {
    var mute = !H.recall().mute;
    H.keep({mute: mute});
    fill(empty(panel.sound), icon(mute ? PATHS.mute : PATHS.loud));
    panel.sound.setAttribute("aria-label", say(mute ? "soundOn" : "soundOff"));
    panel.sound.title = say(mute ? "soundOn" : "soundOff");
}

function drawFoot() {
    panel.text = h("textarea.text", {
        rows: 1,
        placeholder: say("write"),
        "aria-label": say("write"),
        maxlength: 2000,
        enterkeyhint: "send",
        oninput: typed,
        onkeydown: onKey,
        onpaste: onPaste,
    });
    panel.go = h("button.go", {type: "button", onclick: submitText}, say("send"));
    panel.human = h("button.human", {type: "button", onclick: onHuman}, say("human"));
    panel.pick = h("input", {
        type: "file",
        accept: ACCEPT,
        hidden: true,
        tabindex: -1,
        onchange: onPick,
    });
    panel.smile = iconButton("tool", PATHS.smile, say("emoji"), turnEmoji);
    panel.smile.setAttribute("aria-expanded", "false");
    panel.emoji = drawEmoji();
    return h(
        "div.foot",
        {},
        h("div.wrap", {}, [
            h("div.tools", {}, [
                panel.smile,
                C.files === false
                    ? null
                    : iconButton("tool", PATHS.clip, say("attach"), function () {
                          panel.pick.click();
                      }),
                panel.pick,
                h("div.space"),
                panel.human,
            ]),
            panel.emoji,
            h("div.write", {}, [panel.text, panel.go]),
        ])
    );
}

function drawEmoji() {
    return h(
        "div.emoji",
        {hidden: true},
        EMOJI.map(function (sign) {
            return h(
                "button",
                {
                    type: "button",
                    onclick: function () {
                        var at = panel.text.selectionEnd;
                        panel.text.value =
                            panel.text.value.slice(0, at) +
                            sign +
                            panel.text.value.slice(at);
                        typed();
                        panel.text.focus();
                    },
                },
                sign
            );
        })
    );
}

function turnEmoji() {
    panel.emoji.hidden = !panel.emoji.hidden;
    panel.smile.setAttribute("aria-expanded", String(!panel.emoji.hidden));
}

function drawPanel() {
    panel.log = h("div.log", {
        role: "log",
        "aria-live": "polite",
        "aria-label": say("title"),
        tabindex: 0,
        onscroll: onScroll,
    });
    panel.inner = h("div.wrap");
    panel.earlier = h(
        "div.sys",
        {},
        h("button.link", {type: "button", onclick: onEarlier}, say("earlier"))
    );
    panel.tail = h("div", {});
    fill(panel.log, [fill(panel.inner, [panel.earlier]), panel.tail]);
    panel.tail.className = "h-wrap";
    panel.down = h(
        "button.down",
        {type: "button", hidden: true, onclick: toEnd},
        say("fresh")
    );
    panel.bar = h("div.bar", {role: "status", hidden: true});
    panel.mid = h("div.mid", {}, [panel.log, panel.down]);
    panel.page = h("div.page", {hidden: true});
    panel.foot = drawFoot();
    panel.box = h(
        "div.box." + H.look.window + "." + H.look.side + (H.phone ? ".phone" : ""),
        {
            role: "dialog",
            "aria-labelledby": "h-title",
            lang: H.lang,
            hidden: true,
            tabindex: -1,
            part: "window",
            onkeydown: onBoxKey,
            ondragover: function (event) {
                event.preventDefault();
            },
            ondrop: onDrop,
        },
        [
            drawHead(),
            C.notice && h("div.notice", {}, linked(C.notice)),
            panel.bar,
            panel.mid,
            panel.page,
            panel.foot,
        ]
    );
    H.root.appendChild(panel.box);
}

/* --- what the visitor does ------------------------------------------------------ */

function typed() {
    H.keep({draft: panel.text.value});
    grow();
    tellTyping(panel.text.value);
}

/** The line to write in grows with its text, up to five lines. */
function grow() {
    var node = panel.text;
    node.style.setProperty("height", "42px");
    if (node.scrollHeight > 44) {
        node.style.setProperty("height", Math.min(120, node.scrollHeight + 2) + "px");
    }
}

/** Enter sends; not while an input method still composes, and not with Shift. */
function onKey(event) {
    if (
        event.key === "Enter" &&
        !event.shiftKey &&
        !event.isComposing &&
        event.keyCode !== 229
    ) {
        event.preventDefault();
        submitText();
    }
}

function submitText() {
    var text = panel.text.value.trim();
    wakeAudio();
    if (text) {
        sendMessage("text", text);
        panel.text.value = "";
        H.keep({draft: undefined});
        clearTimeout(typedTimer);
        grow();
    }
    panel.text.focus();
}

function sendFile(file) {
    var item = {name: file.name || "picture.png", size: file.size, mime: file.type};
    if (file.size > 10485760) {
        showBar(say("refused", say("big")), true, [], 6000);
        return;
    }
    sendMessage(/^image\//.test(file.type) ? "image" : "file", "", item, file);
}

function sendFiles(files) {
    [].slice.call(files, 0, 5).forEach(sendFile);
    return files.length;
}

function onPick() {
    sendFiles(panel.pick.files);
    panel.pick.value = "";
}

function onPaste(event) {
    var data = event.clipboardData;
    if (data && data.files && C.files !== false && sendFiles(data.files)) {
        event.preventDefault();
    }
}

function onDrop(event) {
    event.preventDefault();
    if (event.dataTransfer && C.files !== false) {
        sendFiles(event.dataTransfer.files);
    }
}

function onHuman() {
    if (panel.human.name === "new") {
        panel.over = null;
        empty(panel.tail);
        talk.c = null;
        talk.state = null;
        decide();
        return;
    }
    panel.human.disabled = true;
    askHuman(function (status, answer) {
        panel.human.disabled = false;
        if (status === 200 && answer.state === "form") {
            show("form");
        } else if (status !== 200) {
            showBar(say("lost"), true, [], 6000);
        }
    });
}

function onEarlier() {
    fetchEarlier(function (status, more) {
        panel.allShown = status === 200 && !more;
        H.emit("draw");
    });
}

function askEnd() {
    showBar(say("endAsk"), false, [
        [
            say("yes"),
            function () {
                endTalk(updateBar);
            },
        ],
        [say("no"), updateBar],
    ]);
    panel.bar.querySelector("button").focus();
}

/** Escape closes; Tab goes round inside the window. */
function onBoxKey(event) {
    var all, first, last, active;
    if (event.key === "Escape" || event.key === "Esc") {
        event.stopPropagation();
        C.page || H.close();
    } else if (event.key === "Tab") {
        all = [].filter.call(
            panel.box.querySelectorAll(
                "button,input,textarea,select,a[href],[tabindex='0']"
            ),
            function (node) {
                return (
                    !node.disabled && node.offsetParent !== null && node.tabIndex >= 0
                );
            }
        );
        first = all[0];
        last = all[all.length - 1];
        active = (H.root.activeElement !== undefined ? H.root : D).activeElement;
        if (event.shiftKey && active === first) {
            event.preventDefault();
            last.focus();
        } else if (!event.shiftKey && active === last) {
            event.preventDefault();
            first.focus();
        }
    }
}

/* --- what is shown --------------------------------------------------------------- */

/** One line above the log; buttons are [label, fn]; gone again after ms, if given. */
function showBar(text, bad, buttons, ms) {
    clearTimeout(panel.barTimer);
    panel.bar.className = "h-bar" + (bad ? " h-bad" : "");
    fill(empty(panel.bar), [
        h("span", {}, text),
        h(
            "span",
            {},
            (buttons || []).map(function (b) {
                return h("button.link", {type: "button", onclick: b[1]}, b[0]);
            })
        ),
    ]);
    panel.bar.hidden = false;
    if (ms) {
        panel.barTimer = setTimeout(updateBar, ms);
    }
}

/** Where in the queue the visitor is, and how long it may take, as far as known. */
function placeText() {
    var place = talk.place;
    if (!place || !place.n) {
        return say("waiting");
    }
    return place.w
        ? say("place", place.n, Math.max(1, Math.ceil(place.w / 60)))
        : say("placeOnly", place.n);
}

var toForm = function () {
    show("form");
};

/** What the line above the log has to say now. */
function updateBar() {
    var info = H.info();
    clearTimeout(panel.barTimer);
    if (!info) {
        showBar(say(panel.tried ? "lost" : "connecting"), panel.tried);
    } else if (panel.failures > 1) {
        showBar(say("lost"), true);
    } else if (panel.view === "form" && panel.couldTalk && info.state !== "form") {
        showBar(say("nowOnline"), false, [[say("start"), toChat]]);
    } else if (panel.view === "form" && (talk.c || info.robot)) {
        showBar(say("form"), false, [[say(talk.c ? "back" : "askRobot"), toChat]]);
    } else if (panel.view === "chat" && talk.state === "waiting") {
        showBar(placeText(), false, [[say("leave"), toForm]]);
    } else if (
        panel.view === "chat" &&
        info.state === "form" &&
        talk.state !== "open"
    ) {
        showBar(say("form"), false, [[say("leave"), toForm]]);
    } else {
        panel.bar.hidden = true;
    }
}

function toChat() {
    show("chat");
    openTalk(orForm);
    panel.text.focus();
}

/** Nobody can take a conversation now: the window is the message form. */
function orForm(status) {
    if (status === 200 && !talk.c) {
        H.info().state = "form";
        show("form");
    }
    updateBar();
}

function updateHead() {
    var info = H.info();
    var text = info
        ? say({queue: "queue", form: "form"}[info.state] || "online")
        : say("connecting");
    if (talk.state === "open" && talk.agent) {
        text = say("joined", talk.agent);
    } else if (talk.state === "robot") {
        text = (info && info.robot_name) || say("robot");
    } else if (talk.state === "closed") {
        text = say("closed");
    }
    if (talk.typing && H.now() - talk.typing < 6000) {
        text = say("typing");
    }
    if (panel.sub.textContent !== text) {
        panel.sub.textContent = text;
    }
    panel.end.hidden = !talk.c || talk.state === "closed";
}

/** The button beside the tools: a person, or a new chat when this one is over. */
function updateHuman() {
    var info = H.info();
    var over = talk.state === "closed";
    panel.human.name = over ? "new" : "human";
    panel.human.textContent = say(over ? "newChat" : "human");
    panel.human.hidden = !(
        over ||
        talk.state === "robot" ||
        (info && !talk.c && info.robot !== false)
    );
}

/** Bring the log in line with what we know; nodes that did not change stay. */
function redraw(why) {
    var box = panel.log;
    var list = log.list();
    var below = box.scrollHeight - box.scrollTop - box.clientHeight;
    var height = box.scrollHeight;
    var at = (panel.welcome || panel.earlier).nextSibling;
    var alive = {};
    list.forEach(function (event, i) {
        at = place("k" + (event.key || event.c + ":" + event.s), event, at, alive);
    });
    Object.keys(panel.nodes).forEach(function (key) {
        if (!alive[key]) {
            drop(panel.nodes[key].node);
            delete panel.nodes[key];
        }
    });
    panel.earlier.hidden = !panel.known || panel.allShown || !list.length;
    updateWelcome(list);
    updateHead();
    updateHuman();
    updateBar();
    if (why === "earlier") {
        box.scrollTop += box.scrollHeight - height;
    } else if (why === "own" || below < 80) {
        toEnd();
    } else if (box.scrollHeight > height) {
        panel.down.hidden = false;
    }
    tellRead();
}

function place(key, event, at, alive) {
    var known = panel.nodes[key];
    var sign = [event.st, event.refused, event.version, event.k, event.s].join();
    if (!known || known.sign !== sign) {
        if (known) {
            at = known.node === at ? at.nextSibling : at;
            drop(known.node);
        }
        known = {sign: sign, node: drawItem(event) || D.createComment("")};
        panel.nodes[key] = known;
    }
    alive[key] = true;
    if (known.node === at) {
        return at.nextSibling;
    }
    panel.inner.insertBefore(
        known.node,
        at && at.parentNode === panel.inner ? at : null
    );
    return known.node.nextSibling;
}

function drop(node) {
    node.parentNode && node.parentNode.removeChild(node);
}

/** The greeting stands in for the robot's until somebody has said something. */
function updateWelcome(list) {
    var info = H.info();
    var text = info && info.welcome;
    var spoken = list.some(function (event) {
        return event.a === "robot" || event.a === "agent";
    });
    if (panel.welcome && (spoken || !text)) {
        drop(panel.welcome);
        panel.welcome = null;
    } else if (!panel.welcome && text && !spoken) {
        panel.welcome = drawItem({
            a: "agent",
            k: "text",
            b: text,
            t: H.now(),
            n: C.title || say("agent"),
        });
        panel.inner.insertBefore(panel.welcome, panel.earlier.nextSibling);
    }
}

function toEnd() {
    panel.log.scrollTop = panel.log.scrollHeight;
    panel.down.hidden = true;
}

function onScroll() {
    if (panel.log.scrollHeight - panel.log.scrollTop - panel.log.clientHeight < 80) {
        panel.down.hidden = true;
    }
}

/** Switch between the chat, the message form and the questions before a chat. */
function show(view) {
    var info = H.info();
    panel.view = view;
    panel.mid.hidden = panel.foot.hidden = view !== "chat";
    panel.page.hidden = view === "chat";
    if (view === "form") {
        panel.couldTalk = info && info.state === "form";
        drawMessageForm(panel.page);
    } else if (view === "pre") {
        drawPreChat(panel.page, function () {
            toChat();
        });
    }
    updateBar();
    updateHead();
}

/** Which of them, by what the server said. */
function decide() {
    var info = H.info();
    if (!info) {
        show("chat");
    } else if (info.c || talk.c) {
        show("chat");
        openTalk(orForm);
    } else if (info.state === "form" && !info.robot) {
        panel.view === "form" || show("form");
    } else if (C.pre && C.pre.length && !H.recall().pre) {
        panel.view === "pre" || show("pre");
    } else {
        show("chat");
        info.robot === false ? redraw() : openTalk(orForm);
    }
}

/** On a phone the keyboard covers the page: keep the window in what is left. */
function fitViewport() {
    var seen = W.visualViewport;
    var keyboard = H.phone && seen && W.innerHeight - seen.height > 100;
    var style = panel.box.style;
    if (keyboard) {
        style.setProperty("top", seen.offsetTop + "px");
        style.setProperty("height", seen.height + "px");
        style.setProperty("bottom", "auto");
        toEnd();
    } else {
        ["top", "height", "bottom"].forEach(function (name) {
            style.removeProperty(name);
        });
    }
}
