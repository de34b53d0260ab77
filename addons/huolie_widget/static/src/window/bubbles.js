/* One drawing function per kind of message; an unknown kind is shown as its body. */

var SYSTEM = {
    waiting: "waiting",
    joined: "joined",
    transferred: "transferred",
    left: "left",
    closed: "closed",
    rated: "rated",
    recalled: "recalled",
    human: "asked",
};

var KINDS = {
    text: function (event) {
        return linked(event.b || "");
    },
    pick: function (event) {
        return [(event.p && event.p.label) || event.b];
    },
    image: function (event, p) {
        var url = ours(p.url);
        var img =
            url &&
            h("img.pic", {
                src: url,
                alt: p.name || "",
                loading: "lazy",
                width: fit(p),
                height: fit(p, 1),
            });
        return [
            img
                ? h("a", {href: url, target: "_blank", rel: "noopener noreferrer"}, img)
                : p.name || event.b,
        ];
    },
    file: function (event, p) {
        var name = (p.name || event.b) + (p.size ? " (" + bytes(p.size) + ")" : "");
        var url = ours(p.url);
        return [
            h("span.file", {}, [
                icon(
                    "M14 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V8zm-1 7V3.5L18.5 9z"
                ),
                url
                    ? h(
                          "a",
                          {
                              href: url,
                              target: "_blank",
                              rel: "noopener noreferrer",
                              download: p.name,
                          },
                          name
                      )
                    : name,
            ]),
        ];
    },
    choices: function (event, p) {
        return linked(p.text || event.b || "").concat(choiceList(p));
    },
    card: function (event, p) {
        var picture = ours(p.image) || (/^https:/.test(p.image || "") ? p.image : "");
        return [
            picture && h("img.pic", {src: picture, alt: "", loading: "lazy"}),
            p.title && h("div.cardt", {}, p.url ? anchor(p.url, p.title) : p.title),
            h("div", {}, linked(p.text || event.b || "")),
        ];
    },
    form: function (event, p) {
        return [event.b && h("div", {}, event.b), inlineForm(event, p)];
    },
};

/** Room for a picture before it has come, so that the log does not jump. */
function fit(p, second) {
    var ratio = Math.min(1, 220 / (p.w || 220), 240 / (p.h || 240));
    var side = second ? p.h : p.w;
    return side ? Math.round(side * ratio) : null;
}

function bytes(n) {
    return n < 1048576
        ? Math.max(1, Math.round(n / 1024)) + " KB"
        : (n / 1048576).toFixed(1) + " MB";
}

/** Things to pick; what is in `more` comes out on demand. */
function choiceList(p) {
    var list = h("div.items", {});
    function put(item, place) {
        (place.nodeType ? place : list).appendChild(
            h(
                "button",
                {
                    type: "button",
                    onclick: function () {
                        if (item.id === "human") {
                            onHuman();
                        } else if (item.id === "form") {
                            toForm();
                        } else {
                            sendMessage("pick", item.label, {
                                id: item.id,
                                label: item.label,
                            });
                        }
                    },
                },
                item.label
            )
        );
    }
    (p.items || []).forEach(put);
    if ((p.more || []).length) {
        list.appendChild(
            h(
                "button",
                {
                    type: "button",
                    onclick: function (event) {
                        list.removeChild(event.currentTarget);
                        p.more.forEach(put);
                        list.children[(p.items || []).length].focus();
                    },
                },
                say("more")
            )
        );
    }
    if (!(p.buttons || []).length) {
        return list;
    }
    var row = h("div.acts", {});
    p.buttons.forEach(function (item) {
        put(item, row);
    });
    return [list, row];
}

/** A form sent by the robot or an agent; the answer goes back as lines of text. */
function inlineForm(event, p) {
    var node = h("div", {});
    var form = drawFields(p.fields || [], {}, say("submit"), function (values) {
        var lines = (p.fields || []).map(function (field) {
            return values[field.name]
                ? labelOf(field) + "\uff1a" + values[field.name]
                : "";
        });
        sendMessage("text", lines.filter(String).join("\n"));
        empty(node);
    });
    node.appendChild(form.node);
    return node;
}

function nameOf(event) {
    return event.n || (event.a === "robot" ? say("robot") : say("agent"));
}

/** What goes under one of our own bubbles: on its way, failed (tap), refused. */
function mark(item) {
    if (item.st === "sending") {
        return h("div.mark", {}, say("sending"));
    }
    if (item.st === "failed") {
        return h(
            "button.mark.bad",
            {
                type: "button",
                onclick: function () {
                    item.refused ? giveBack(item) : outbox.again(item);
                },
            },
            item.refused
                ? say("refused", say(WORDS[item.refused] ? item.refused : "other"))
                : say("failed")
        );
    }
    return null;
}

/** A refused text goes back where it was typed, to be mended. */
function giveBack(item) {
    log.pending.splice(log.pending.indexOf(item), 1);
    outbox.items.splice(outbox.items.indexOf(item), 1);
    if (item.k === "text") {
        panel.text.value = item.b;
        panel.text.focus();
        grow();
    }
    H.emit("draw");
}

function clock(t) {
    var d = new Date(t);
    return d.toLocaleString(H.lang, {
        month: "numeric",
        day: "numeric",
        hour: "2-digit",
        minute: "2-digit",
    });
}

/** One line of the log. */
function drawItem(event) {
    var mine = event.a === "visitor";
    var who;
    if (event.k === "gone") {
        return null;
    }
    if (SYSTEM[event.k]) {
        who = (event.p && event.p.name) || event.n || say("agent");
        return h("div.sys", {}, say(SYSTEM[event.k], who));
    }
    if (event.a === "system" && event.k !== "choices") {
        return event.b ? h("div.sys", {}, event.b) : null;
    }
    return h(
        "div.row" + (mine ? ".mine" : "") + (event.st === "sending" ? ".wait" : ""),
        {},
        [
            mine ? h("span.sr", {}, say("me")) : h("div.who", {}, nameOf(event)),
            h(
                "div.bubble",
                {title: clock(event.t)},
                (KINDS[event.k] || KINDS.text)(event, event.p || {})
            ),
            mark(event),
        ]
    );
}
