/* The start of the window: what happens when, and what the loader may ask of us. */

function onOver() {
    var served = log.list().some(function (event) {
        return event.a === "agent" && event.c === talk.c;
    });
    if (served && C.rate !== false && !panel.over) {
        panel.over = drawRating(function (values, failed) {
            if (values) {
                rateTalk(values, function (status) {
                    if (status === 200) {
                        fill(
                            empty(panel.tail),
                            h("div.sys", {role: "status"}, say("rated"))
                        );
                    } else {
                        failed();
                    }
                });
            } else {
                empty(panel.tail);
            }
        });
        fill(empty(panel.tail), panel.over);
        toEnd();
    }
    H.emit("ended");
}

/** News from the other side: heard when nobody looks, told to the page. */
function onFresh(events) {
    var others = events.filter(function (event) {
        return event.a === "agent" || (event.a === "robot" && KINDS[event.k]);
    });
    if (!others.length) {
        return;
    }
    if (D.visibilityState === "hidden" || !H.isOpen() || others[0].a === "agent") {
        ring();
    }
    flash();
    others.forEach(function (event) {
        H.emit("message", {
            author: event.a,
            name: event.n,
            kind: event.k,
            text: event.b,
        });
    });
}

/** An agent (or a rule) invites the visitor to talk. */
function onInvite(event) {
    if (H.isOpen() || panel.card) {
        return;
    }
    function done() {
        drop(panel.card);
        panel.card = null;
    }
    panel.card = h(
        "div.card",
        {role: "dialog", "aria-label": say("invite"), part: "invite"},
        [
            h("p", {}, event.b || say("invite")),
            h("div.pair", {}, [
                h(
                    "button.go",
                    {
                        type: "button",
                        onclick: function () {
                            done();
                            H.open();
                        },
                    },
                    say("accept")
                ),
                h("button.opt", {type: "button", onclick: done}, say("refuse")),
            ]),
        ]
    );
    panel.card.className += " h-" + H.look.side;
    H.root.appendChild(panel.card);
    ring();
}

dress(H.root);
drawPanel();
panel.known = H.recall().met;
panel.text.value = H.recall().draft || "";

H.on("draw", redraw);
H.on("fresh", onFresh);
H.on("over", onOver);
H.on("invite", onInvite);
H.on("events", takeIn);
H.on("nobody", function (item) {
    log.pending.splice(log.pending.indexOf(item), 1);
    outbox.items.splice(outbox.items.indexOf(item), 1);
    outbox.save();
    panel.text.value = item.b;
    orForm(200);
});
H.on("ratedNow", function () {
    empty(panel.tail);
});
H.on("state", function () {
    H.isOpen() && panel.view !== "form" ? decide() : updateBar();
});
H.on("line", function (failures) {
    panel.failures = failures;
    if (!failures) {
        outbox.again();
    }
    H.isOpen() && updateBar();
});
H.on("shared", function (what) {
    if (what.c && what.c !== talk.c && H.isOpen()) {
        openTalk(none);
    }
});
H.on("visible", function () {
    stopFlash();
    tellRead();
});
D.addEventListener("click", wakeAudio, true);
if (W.visualViewport) {
    W.visualViewport.addEventListener("resize", fitViewport);
    W.visualViewport.addEventListener("scroll", fitViewport);
}
if ((H.recall().out || []).length) {
    restoreOutbox();
}

return {
    open: function () {
        panel.box.hidden = false;
        panel.card && drop(panel.card);
        panel.card = null;
        stopFlash();
        grow();
        H.keep({met: 1});
        if (H.info()) {
            decide();
        } else {
            show("chat");
            H.hello(function () {
                panel.tried = true;
                decide();
            });
        }
        toEnd();
        if (panel.view === "chat" && !H.phone) {
            panel.text.focus();
        } else {
            /* on a phone the keyboard would jump up: the window itself is in focus */
            (panel.page.querySelector("input,textarea") && !H.phone
                ? panel.page.querySelector("input,textarea")
                : panel.box
            ).focus();
        }
    },
    close: function () {
        panel.box.hidden = true;
    },
};
