/* Forms of the public pages. Written for old engines too: no module, no arrow. */
/* eslint no-var: "off", no-unused-vars: ["error", {caughtErrors: "none"}] */
(function () {
    "use strict";

    function each(list, visit) {
        Array.prototype.forEach.call(list, visit);
    }

    function text(form, name) {
        return form.querySelector('[data-text="' + name + '"]').textContent;
    }

    function showErrors(form, errors) {
        var first = null;
        each(form.querySelectorAll("[data-error]"), function (box) {
            var name = box.getAttribute("data-error");
            var text = errors[name] || "";
            var field = box.closest ? box.closest(".hl-field") : null;
            var input = form.querySelector('[name="' + name + '"]');
            box.textContent = text;
            box.hidden = !text;
            if (field) {
                field.classList.toggle("hl-bad", Boolean(text));
            }
            if (input && input.type !== "hidden") {
                input.setAttribute("aria-invalid", text ? "true" : "false");
                first = first || (text ? input : null);
            }
        });
        if (first) {
            first.focus();
        } else if (errors.form) {
            form.querySelector('[data-error="form"]').scrollIntoView();
        }
    }

    function post(url, data, done, failed) {
        var request = new XMLHttpRequest();
        request.open("POST", url);
        request.setRequestHeader("Accept", "application/json");
        request.onload = function () {
            var answer = null;
            try {
                answer = JSON.parse(request.responseText);
            } catch (error) {
                answer = null;
            }
            if (request.status === 200 && answer) {
                done(answer);
            } else {
                failed();
            }
        };
        request.onerror = failed;
        request.send(data);
    }

    function busy(form, on) {
        var button = form.querySelector("button[type=submit]");
        button.disabled = on;
        if (on) {
            button.setAttribute("data-text", button.textContent);
            button.textContent = text(form, "busy");
        } else if (button.getAttribute("data-text")) {
            button.textContent = button.getAttribute("data-text");
        }
    }

    function finish(form, answer) {
        if (answer.redirect) {
            window.location.href = answer.redirect;
            return;
        }
        busy(form, false);
        showErrors(form, answer.errors || {});
        if (answer.done) {
            each(document.querySelectorAll("[data-before]"), function (part) {
                part.hidden = true;
            });
            each(document.querySelectorAll("[data-after]"), function (part) {
                part.hidden = false;
            });
            each(document.querySelectorAll("[data-echo]"), function (part) {
                var input = form.querySelector(
                    '[name="' + part.getAttribute("data-echo") + '"]'
                );
                part.textContent = input ? input.value : "";
            });
            window.scrollTo(0, 0);
        }
    }

    function submit(event) {
        var form = event.target;
        event.preventDefault();
        busy(form, true);
        post(
            form.getAttribute("action"),
            new FormData(form),
            function (answer) {
                finish(form, answer);
            },
            function () {
                busy(form, false);
                showErrors(form, {form: text(form, "offline")});
            }
        );
    }

    function look(form) {
        post(
            form.getAttribute("data-look"),
            new FormData(form),
            function (answer) {
                if (answer.errors) {
                    showErrors(form, answer.errors);
                    form.querySelector("[data-fields]").hidden = true;
                }
                each(document.querySelectorAll("[data-fill]"), function (part) {
                    var value = answer[part.getAttribute("data-fill")] || "";
                    if ("value" in part && part.tagName === "INPUT") {
                        part.value = part.value || value;
                    } else {
                        part.textContent = value;
                    }
                });
            },
            function () {
                showErrors(form, {form: text(form, "offline")});
            }
        );
    }

    // The secret of a link is behind its #: it never reaches a log or a referrer.
    each(document.querySelectorAll("form[data-ajax]"), function (form) {
        var token = form.querySelector("input[name=token]");
        form.addEventListener("submit", submit);
        if (token) {
            token.value = window.location.hash.slice(1);
        }
        if (form.getAttribute("data-look")) {
            look(form);
        }
    });
    window.addEventListener("hashchange", function () {
        window.location.reload();
    });
    each(document.querySelectorAll(".hl-eye"), function (button) {
        button.addEventListener("click", function () {
            var input = button.parentNode.querySelector("input");
            var shown = input.type === "text";
            input.type = shown ? "password" : "text";
            button.setAttribute("aria-pressed", shown ? "false" : "true");
        });
    });
})();
