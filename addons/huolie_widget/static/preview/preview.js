/* Plays the widget beside its settings: the real scripts, with a server that is only
   pretended. What to show comes in the address: {config, device, view}. */

(function () {
    "use strict";
    var wanted = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    var dist = "../dist/";
    var lang =
        wanted.config.lang || (parent.document && parent.document.documentElement.lang);
    var chinese = /^zh/.test(lang || "zh");
    var now = Date.now();
    var events = [
        {
            c: 1,
            s: 1,
            k: "joined",
            a: "system",
            p: {name: chinese ? "小李" : "Li"},
            t: now,
        },
        {
            c: 1,
            s: 2,
            k: "text",
            a: "agent",
            n: chinese ? "小李" : "Li",
            t: now,
            b: chinese ? "您好，请问有什么可以帮您？" : "Hello, how can I help you?",
        },
        {
            c: 1,
            s: 3,
            k: "text",
            a: "visitor",
            t: now,
            b: chinese ? "我想了解一下价格。" : "I would like to know the prices.",
        },
    ];
    var talk = {id: 1, s: 3, state: "open", agent: chinese ? "小李" : "Li", unread: 0};
    var answers = {
        hello: {
            token: "preview",
            uid: "preview",
            robot: false,
            welcome: null,
            state: wanted.view === "form" ? "form" : "online",
            c: wanted.view === "form" ? null : talk,
        },
        open: {c: talk, events: events},
        form: {ok: true},
        send: {s: 4, t: now},
    };

    function Pretended() {
        this.status = 200;
        this.responseText = "{}";
    }
    Pretended.prototype.open = function (method, url) {
        this.name = url.split("/").pop();
    };
    Pretended.prototype.send = function () {
        var self = this;
        if (this.name === "poll") {
            return;
        }
        this.responseText = JSON.stringify(answers[this.name] || {});
        if (this.name === "send") {
            answers.send.s += 1;
        }
        setTimeout(function () {
            self.onloadend();
        });
    };
    Pretended.prototype.abort = function () {
        return undefined;
    };

    document.documentElement.lang = lang || "zh-CN";
    Promise.all([
        fetch(dist + "loader.js").then(function (r) {
            return r.text();
        }),
        fetch(dist + "manifest.json").then(function (r) {
            return r.json();
        }),
    ]).then(function (got) {
        var config = wanted.config;
        var script = document.createElement("script");
        /* never from the address: only our own file is loaded */
        config.w = new URL(dist + "window.js", location.href).pathname;
        config.i = got[1].window.integrity;
        window.XMLHttpRequest = Pretended;
        try {
            localStorage.removeItem("huolie:" + config.k);
        } catch (error) {
            /* storage is closed: nothing is kept then */
        }
        script.textContent = got[0].replace('"__CONFIG__"', function () {
            return JSON.stringify(config).replace(/</g, "\\u003c");
        });
        document.body.appendChild(script);
        if (wanted.view !== "button") {
            window.huolie.open();
        }
    });
})();
