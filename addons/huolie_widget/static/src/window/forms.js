/* Fields: the message form, the questions before a chat, and the rating. */

var CHECKS = {
    email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
    tel: /^\+?[\d\s()-]{5,24}$/,
};

/**
 * Draw fields with a button; what is wrong is said beside each field.
 * @param {Function} done (values) all fields good
 * @param {Object} given values that were typed before
 * @return {{node, wrong(names), values()}}
 */
function drawFields(fields, given, label, done, extra) {
    var inputs = {};
    var errors = {};
    var form = h("form", {novalidate: true, onsubmit: submit});
    fields.forEach(function (field) {
        form.appendChild(drawField(field, given[field.name], inputs, errors));
    });
    fill(form, extra);
    form.appendChild(h("button.go", {type: "submit"}, label));

    function values() {
        var out = {};
        fields.forEach(function (field) {
            out[field.name] = inputs[field.name].value.trim();
        });
        return out;
    }
    function wrong(names) {
        var first = null;
        fields.forEach(function (field) {
            var code = names[field.name];
            inputs[field.name].setAttribute("aria-invalid", code ? "true" : "false");
            empty(errors[field.name]);
            if (code) {
                fill(errors[field.name], say(WORDS[code] ? code : "invalid"));
                first = first || inputs[field.name];
            }
        });
        first && first.focus();
        return Boolean(first);
    }
    function submit(event) {
        event.preventDefault();
        if (!wrong(problems(fields, values()))) {
            done(values(), form);
        }
    }
    return {node: form, wrong: wrong, values: values};
}

/** The site's own label, or the usual word. */
function labelOf(field) {
    return (
        field.label || (WORDS["f_" + field.name] ? say("f_" + field.name) : field.name)
    );
}

function drawField(field, value, inputs, errors) {
    var id = "h" + H.random();
    var common = {
        id: id,
        name: field.name,
        "aria-describedby": id + "e",
        "aria-required": field.required ? "true" : "false",
        maxlength: field.type === "text" || field.type === "area" ? 2000 : 200,
        placeholder: field.hint || null,
    };
    var input;
    if (field.type === "area") {
        input = h("textarea", common);
    } else if (field.type === "choice") {
        input = h(
            "select",
            common,
            [h("option", {value: ""}, "")].concat(
                (field.options || []).map(function (option) {
                    return h("option", {value: option}, option);
                })
            )
        );
    } else {
        common.type = field.type || "text";
        common.autocomplete =
            {tel: "tel", email: "email"}[field.type] ||
            (field.name === "name" ? "name" : "off");
        input = h("input", common);
    }
    input.value = value || "";
    inputs[field.name] = input;
    errors[field.name] = h("div.err", {id: id + "e", role: "alert"});
    return h("div.field", {}, [
        h("label", {for: id}, [
            labelOf(field),
            field.required && h("span.star", {"aria-hidden": "true"}, " *"),
        ]),
        input,
        errors[field.name],
    ]);
}

/** Which fields are not good, and why. */
function problems(fields, values) {
    var out = {};
    fields.forEach(function (field) {
        var value = values[field.name];
        if (!value) {
            if (field.required) {
                out[field.name] = "required";
            }
        } else if (CHECKS[field.type] && !CHECKS[field.type].test(value)) {
            out[field.name] = "invalid";
        }
    });
    return out;
}

/** The privacy notice, with a tick that must be set where the site asks for one. */
function drawConsent(privacy) {
    var box = h("input", {type: "checkbox", id: "hc" + H.random()});
    var error = h("div.err", {role: "alert"});
    if (!privacy || !privacy.text) {
        return null;
    }
    return {
        node: h("div.field", {}, [
            h("div.tick", {}, [
                privacy.tick && box,
                h("label", {for: box.id}, [
                    privacy.text,
                    " ",
                    privacy.url && anchor(privacy.url, privacy.url),
                ]),
            ]),
            error,
        ]),
        missing: function () {
            var bad = privacy.tick && !box.checked;
            empty(error);
            if (bad) {
                fill(error, say("consent"));
                box.focus();
            }
            return bad;
        },
    };
}

/** The message form; what is typed is kept until the server has it. */
function drawMessageForm(page, leave) {
    var kept = H.recall().form || {};
    var consent = drawConsent(C.privacy);
    var u = kept.u || H.random();
    var state = h("div.err", {role: "alert"});
    var form;
    if (!kept.body && panel.text && panel.text.value) {
        kept.body = panel.text.value;
    }
    form = drawFields(C.form, kept, say("submit"), submit, [
        consent && consent.node,
        state,
    ]);
    form.node.addEventListener("input", save);

    function save() {
        var values = form.values();
        values.u = u;
        H.keep({form: values});
    }
    function submit(values, node) {
        var go = node.lastChild;
        if (consent && consent.missing()) {
            return;
        }
        go.disabled = true;
        empty(state);
        H.call(
            "form",
            {fields: values, u: u, c: talk.c, consent: Boolean(consent)},
            function (status, answer) {
                go.disabled = false;
                if (status === 200) {
                    H.keep({form: undefined, draft: undefined});
                    H.emit("form", values);
                    thank(page, leave);
                } else if (answer.error === "fields" && answer.fields) {
                    form.wrong(answer.fields);
                } else {
                    fill(state, say(status === 429 ? "many" : "other"));
                }
            }
        );
    }
    fill(
        empty(page),
        h("div.wrap", {}, [h("p", {}, C.formText || say("formIntro")), form.node])
    );
    return form;
}

function thank(page, leave) {
    var button = h("button.opt", {type: "button"}, say("again"));
    button.addEventListener("click", function () {
        drawMessageForm(page, leave);
    });
    fill(
        empty(page),
        h("div.wrap", {}, [
            h("p", {role: "status"}, say("thanks")),
            h("div.pair", {}, button),
        ])
    );
    button.focus();
}

/** The usual answers say who the visitor is, own questions are facts about the visit. */
function introduceBy(values) {
    var facts = {};
    C.pre.forEach(function (field) {
        if (/^q|^company$/.test(field.name) && values[field.name]) {
            facts[labelOf(field)] = values[field.name];
        }
    });
    H.tell("attrs", facts);
    H.tell("who", {
        name: values.name,
        phone: values.phone,
        email: values.email,
        wechat: values.wechat,
    });
    if (values.body) {
        sendMessage("text", values.body);
    }
}

/** What the site asks before a chat. */
function drawPreChat(page, done) {
    var consent = drawConsent(C.privacy);
    var form = drawFields(
        C.pre,
        H.recall().pre || {},
        say("start"),
        function (values) {
            if (!(consent && consent.missing())) {
                H.keep({pre: values});
                introduceBy(values);
                done(values);
            }
        },
        [consent && consent.node]
    );
    fill(empty(page), h("div.wrap", {}, [h("p", {}, say("preIntro")), form.node]));
    return form;
}

/** The rating at the end of a chat: stars, solved or not, a word. */
function drawRating(done) {
    var score = 0;
    var solved = null;
    var stars = [];
    var comment = h("textarea", {
        "aria-label": say("comment"),
        placeholder: say("comment"),
        maxlength: 500,
    });
    var go = h(
        "button.go",
        {type: "button", disabled: true, onclick: submit},
        say("submit")
    );
    var yes = option("solved", true);
    var no = option("unsolved", false);

    function option(word, value) {
        return h(
            "button.opt",
            {
                type: "button",
                "aria-pressed": "false",
                onclick: function () {
                    solved = value;
                    yes.setAttribute("aria-pressed", String(value));
                    no.setAttribute("aria-pressed", String(!value));
                },
            },
            say(word)
        );
    }
    function light(n) {
        score = n;
        go.disabled = false;
        stars.forEach(function (star, i) {
            star.className = i < n ? "h-lit" : "";
            star.setAttribute("aria-pressed", String(i + 1 === n));
        });
    }
    function star(n) {
        return h(
            "button",
            {
                type: "button",
                "aria-label": say("star", n),
                onclick: light.bind(null, n),
            },
            "\u2605"
        );
    }
    function submit() {
        go.disabled = true;
        done({score: score, solved: solved, text: comment.value.trim()}, function () {
            go.disabled = false;
        });
    }
    [1, 2, 3, 4, 5].forEach(function (n) {
        stars.push(star(n));
    });
    return h("div.inline", {}, [
        h("p", {}, say("rateAsk")),
        h("div.stars", {}, stars),
        h("div.pair", {}, [h("span", {}, say("solvedAsk")), yes, no]),
        h("div.field", {}, comment),
        h("div.pair", {}, [
            go,
            h(
                "button.opt",
                {type: "button", onclick: done.bind(null, null, none)},
                say("skip")
            ),
        ]),
    ]);
}
