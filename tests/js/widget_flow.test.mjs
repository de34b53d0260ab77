// The built widget in a page (jsdom) against the protocol peer, over real HTTP.
import assert from "node:assert/strict";
import {afterEach, beforeEach, test} from "node:test";
import {JSDOM, VirtualConsole} from "jsdom";
import {CONFIG, Peer} from "./peer.mjs";

let peer;
let pages = [];
const noise = [];

beforeEach(async () => {
    peer = await new Peer(structuredClone(CONFIG)).start();
    noise.length = 0;
});
afterEach(async () => {
    pages.forEach((page) => {
        // as a browser does; it also ends the parked poll, whose timer would keep us here
        page.window.dispatchEvent(new page.window.Event("pagehide"));
        page.window.close();
    });
    pages = [];
    await peer.stop();
    assert.deepEqual(noise, []);
});

/** Wait until look() gives something true; fails after 8 seconds. */
async function until(look, what = look) {
    for (let i = 0; i < 400; i++) {
        const found = look();
        if (found) {
            return found;
        }
        await new Promise((done) => setTimeout(done, 20));
    }
    assert.fail(`never: ${what}`);
}

function visit({storage = {}, key = "sitekey", before = ""} = {}) {
    const quiet = new VirtualConsole();
    quiet.on("jsdomError", (error) => {
        if (error.type === "unhandled exception") {
            noise.push(error.message);
        }
    });
    const page = new JSDOM(
        `<!doctype html><html lang="zh-CN"><head><title>Shop</title></head><body><p>shop</p>
        <script>${before}</script><script src="${peer.url}/huolie/w/${key}.js"></script></body></html>`,
        {
            url: "http://shop.example/",
            runScripts: "dangerously",
            resources: "usable",
            pretendToBeVisual: true,
            virtualConsole: quiet,
            beforeParse(window) {
                Object.entries(storage).forEach(([k, v]) =>
                    window.localStorage.setItem(k, v)
                );
            },
        }
    );
    pages.push(page);
    const root = () => page.window.document.getElementById("huolie")?.shadowRoot;
    const all = (selector) => [...(root()?.querySelectorAll(selector) || [])];
    return {
        window: page.window,
        all,
        one: (selector) => all(selector)[0],
        button: () => all("button[part=button]")[0],
        bubbles: () => all(".h-bubble").map((node) => node.textContent),
        text: () => root()?.querySelector(".h-box")?.textContent || "",
        async open() {
            (await until(() => all("button[part=button]")[0], "button")).click();
            await until(() => all(".h-box:not([hidden])")[0], "window");
        },
        async say(text) {
            const area = await until(
                () => all("textarea.h-text")[0],
                "line to write in"
            );
            area.value = text;
            area.dispatchEvent(new page.window.Event("input"));
            all(".h-write .h-go")[0].click();
        },
        storage() {
            return Object.fromEntries(Object.entries(page.window.localStorage));
        },
    };
}

/** A visit whose window is open. */
async function opened(options) {
    const page = visit(options);
    await page.open();
    return page;
}

/** … and its conversation has begun. */
async function talking() {
    const page = await opened();
    await until(() => peer.talks[0], "conversation");
    return page;
}

/** … and an agent serves it. */
async function joined() {
    const page = await talking();
    peer.join(1);
    await until(() => page.text().includes("小李 为您服务"), "agent");
    return page;
}

/** The polls that wait: who calls this answers them. */
const parked = () => peer.talks[0].visitor.waiters.splice(0);

const named = (name) => peer.calls.filter((call) => call.name === name);

test("the button is there before any call, and one global only", async () => {
    const page = visit({before: "window.before = Object.keys(window)"});
    await until(() => page.button());
    assert.equal(named("v/hello").length, 0);
    const now = page.window.eval(
        "Object.keys(window).filter(k => before.indexOf(k) < 0)"
    );
    assert.deepEqual(
        [...now].filter((k) => k !== "before"),
        ["huolie"]
    );
    await until(() => named("v/hello").length);
    assert.equal(named("v/hello")[0].body.page.url, "http://shop.example/");
});

test("robot first, a pick, a text, then a person", async () => {
    const page = await opened();
    (await until(() => page.all(".h-items button")[0])).click();
    await until(() => page.text().includes("关于“怎么收费？”"));
    await page.say("你好");
    await until(() => page.text().includes("关于“你好”"));
    page.one(".h-human").click();
    await until(() => page.text().includes("您在第 3 位"));
    peer.join(1);
    peer.agentSays(1, "我是小李");
    await until(() => page.bubbles().includes("我是小李"));
    assert.ok(page.one(".h-human").hidden);
    await until(() => peer.visitors.get("t1").read === peer.talks[0].events.length);
});

test("an answer lost on the way: the message is stored and shown once", async () => {
    const page = await opened();
    peer.fail("v/send", 1, "cut");
    await page.say("只此一条");
    await until(() => named("v/send").length === 2);
    await until(() => !page.all(".h-wait").length);
    assert.equal(peer.talks[0].events.filter((e) => e.b === "只此一条").length, 1);
    assert.equal(page.bubbles().filter((b) => b === "只此一条").length, 1);
    assert.equal(named("v/send")[0].body.u, named("v/send")[1].body.u);
});

test("messages keep their order when the first one has to be tried again", async () => {
    const page = await opened();
    peer.fail("v/send", 1, 503);
    await page.say("一");
    await page.say("二");
    await page.say("三");
    await until(
        () => peer.talks[0]?.events.filter((e) => e.a === "visitor").length === 3
    );
    const order = peer.talks[0].events.filter((e) => e.a === "visitor").map((e) => e.b);
    assert.deepEqual(order, ["一", "二", "三"]);
});

test("a token that is good no more is renewed without the visitor noticing", async () => {
    const page = await talking();
    peer.forgetTokens();
    await page.say("还在吗");
    await until(() => peer.talks[0].events.some((e) => e.b === "还在吗"));
    assert.equal(peer.visitors.size, 2);
});

test("a picture sent with a token that is good no more arrives, and holds up nothing", async () => {
    const page = await talking();
    peer.forgetTokens();
    const box = await until(() => page.all("textarea.h-text")[0]);
    const paste = new page.window.Event("paste", {cancelable: true});
    const picture = new page.window.File(["x"], "a.png", {type: "image/png"});
    paste.clipboardData = {files: [picture]};
    box.dispatchEvent(paste);
    await page.say("看图");
    const kinds = () =>
        peer.talks[0].events.filter((e) => e.a === "visitor").map((e) => e.k);
    await until(() => kinds().length === 2);
    assert.deepEqual(kinds(), ["image", "text"]);
    assert.equal(page.all(".h-bad").length, 0);
});

test("a server that could not look has not said that nothing is missing", async () => {
    const page = await joined();
    const waiters = parked();
    peer.agentSays(1, "first");
    const second = peer.agentSays(1, "second");
    peer.fail("poll", 1, 200, {error: "busy", events: []});
    waiters.forEach((answer) => answer({events: [second]}));
    await until(() => page.bubbles().includes("first"));
    assert.deepEqual(page.bubbles().slice(-2), ["first", "second"]);
});

test("what was said of the visitor on a broken line is said again", async () => {
    peer.fail("v/who", 1, 503);
    const page = visit({
        before: "window.huolie = [['identify', {name: 'Wang'}]]",
    });
    await until(() => named("v/who").length === 1);
    page.window.history.pushState({}, "", "/next");
    page.window.dispatchEvent(new page.window.Event("popstate"));
    await until(() => named("v/who").length === 2);
    assert.equal(named("v/who")[1].body.who.name, "Wang");
});

test("what others wrote into our storage hurts nobody", async () => {
    const page = visit({
        storage: {"huolie:sitekey": "5", "huolie:sitekey:l": "other 99999999999999"},
    });
    await until(() => named("poll").length);
    const odd = new page.window.StorageEvent("storage", {
        key: "huolie:sitekey:e",
        newValue: "{",
    });
    page.window.dispatchEvent(odd);
    await page.open();
    await page.say("在吗");
    await until(() => peer.talks[0]?.events.some((e) => e.b === "在吗"));
});

test("after a broken line everything missed comes, once and in order", async () => {
    const page = await joined();
    peer.fail("poll", 1, 503);
    parked().forEach((answer) => answer({events: []}));
    ["a", "b", "c"].forEach((text) => peer.agentSays(1, text));
    await until(() => page.bubbles().includes("c"));
    assert.deepEqual(page.bubbles().slice(-3), ["a", "b", "c"]);
});

test("a hole in what the poll brings is filled", async () => {
    const page = await joined();
    const waiters = parked();
    peer.agentSays(1, "first");
    const second = peer.agentSays(1, "second");
    waiters.forEach((answer) => answer({events: [second]}));
    await until(() => page.bubbles().includes("first"));
    assert.deepEqual(page.bubbles().slice(-2), ["first", "second"]);
});

test("hidden where the enterprise is frozen or the site is not this one", async () => {
    peer.set({state: "off"});
    const frozen = visit();
    const host = (page) => page.window.document.getElementById("huolie");
    await until(() => host(frozen)?.style.display === "none");
    peer.fail("v/hello", 1, 403, {error: "domain"});
    const foreign = visit();
    await until(() => host(foreign)?.style.display === "none");
    assert.equal(named("poll").length, 0);
});

test("server down: no error, the button stays, the window says so and recovers", async () => {
    peer.fail("v/hello", 3, 503);
    const page = await opened();
    await until(() => page.text().includes("网络不稳"));
    await page.say("先写着");
    await until(() => peer.talks[0]?.events.some((e) => e.b === "先写着"));
    await until(() => page.one(".h-bar").hidden);
});

test("a greeting that was not heard is said again, and the open window wakes up", async () => {
    peer.fail("v/hello", 1, 503);
    const page = await opened();
    await until(() => page.text().includes("怎么收费？"));
    assert.ok(page.one(".h-bar").hidden);
});

test("message form: what is missing is said at the field, typed text stays", async () => {
    peer.set({state: "form", robot: false});
    const page = await opened();
    const field = (name) => page.one(`[name=${name}]`);
    const submit = () => page.one("form .h-go").click();
    await until(() => field("body"));
    field("body").value = "想要报价";
    submit();
    assert.equal(field("phone").getAttribute("aria-invalid"), "true");
    assert.equal(page.window.document.activeElement.id, "huolie");
    field("name").value = "王先生";
    field("phone").value = "13800000000";
    submit();
    await until(() => page.text().includes("格式不正确"));
    assert.equal(field("body").value, "想要报价");
    field("phone").value = "13800138000";
    peer.fail("v/form", 1, 503);
    submit();
    await until(() => page.text().includes("请稍后再试"));
    submit();
    await until(() => page.text().includes("留言已提交"));
    assert.deepEqual(
        peer.leads.map((l) => [l.name, l.phone, l.body]),
        [["王先生", "13800138000", "想要报价"]]
    );
});

test("nobody can take the chat any more: the typed text is in the form", async () => {
    peer.set({robot: false, welcome: "欢迎光临"});
    const page = await opened();
    await until(() => page.bubbles().includes("欢迎光临"));
    assert.equal(peer.talks.length, 0);
    peer.fail("v/open", 1, 200, {state: "form", c: null, events: []});
    await page.say("有人吗");
    await until(() => page.one("[name=body]"));
    assert.equal(page.one("[name=body]").value, "有人吗");
});

test("draft, form and what was on its way survive a reload", async () => {
    const page = await talking();
    peer.fail("v/send", 99, 503);
    await page.say("送不出去");
    const area = page.one("textarea.h-text");
    area.value = "还没写完";
    area.dispatchEvent(new page.window.Event("input"));
    const storage = page.storage();
    page.window.dispatchEvent(new page.window.Event("pagehide"));
    page.window.close();
    pages = [];
    peer.failures = {};
    const again = await opened({storage});
    await until(() => peer.talks[0].events.some((e) => e.b === "送不出去"));
    assert.equal(again.one("textarea.h-text").value, "还没写完");
    await until(() => again.bubbles().includes("送不出去"));
    assert.equal(again.bubbles().filter((b) => b === "送不出去").length, 1);
});

test("closed: rating, then the next message begins a new conversation", async () => {
    const page = await joined();
    peer.agentSays(1, "再见");
    await until(() => page.bubbles().includes("再见"));
    peer.close(1);
    (await until(() => page.all(".h-stars button")[4])).click();
    page.all(".h-inline .h-opt")[0].click();
    page.all(".h-inline .h-go")[0].click();
    await until(() => peer.talks[0].rating);
    assert.equal(peer.talks[0].rating.score, 5);
    assert.equal(peer.talks[0].rating.solved, true);
    await page.say("又来了");
    await until(() => peer.talks[1]?.events.some((e) => e.b === "又来了"));
});

test("markup in any text is shown as text", async () => {
    const evil = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    peer.config.title = evil;
    peer.config.notice = `${evil} javascript:alert(3) https://good.example/x`;
    const page = await joined();
    peer.agentSays(1, evil, {n: evil});
    peer.push(peer.talks[0], {
        k: "card",
        a: "robot",
        p: {
            title: evil,
            text: evil,
            url: "javascript:alert(4)",
            image: "javascript:alert(5)",
        },
    });
    peer.push(peer.talks[0], {
        k: "file",
        a: "agent",
        p: {name: evil, url: "//evil.example/x"},
    });
    await until(() => page.bubbles().length >= 3 && page.bubbles().includes(evil));
    assert.equal(page.all("img, script").length, 0);
    const links = page.all("a").map((a) => a.getAttribute("href"));
    assert.deepEqual([...new Set(links)], ["https://good.example/x"]);
});

test("a refused message goes back where it was typed", async () => {
    const page = await opened();
    await page.say("这句太长了");
    (await until(() => page.one(".h-mark.h-bad"))).click();
    assert.equal(page.one("textarea.h-text").value, "这句太长了");
    assert.ok(!page.bubbles().includes("这句太长了"));
});

test("unread: counted on the button while closed, gone when opened", async () => {
    const page = await joined();
    page.window.huolie.close();
    peer.agentSays(1, "在吗");
    await until(() => page.button().textContent.trim() === "1");
    page.window.huolie.open();
    await until(() => page.bubbles().includes("在吗"));
    assert.equal(page.button().querySelector("span").style.display, "none");
});

test("questions before the chat: told once, the message goes first", async () => {
    peer.config.pre = [
        {name: "name", type: "text", required: true},
        {name: "q3", label: "订单号", type: "text"},
        {name: "body", type: "area"},
    ];
    const page = await opened();
    (await until(() => page.one("[name=name]"))).value = "王";
    page.one("[name=q3]").value = "A-1";
    page.one("[name=body]").value = "什么时候发货";
    page.one("form .h-go").click();
    await until(() => peer.talks[0]?.events.some((e) => e.b === "什么时候发货"));
    const told = named("v/who").map((call) => ({...call.body.who, ...call.body.attrs}));
    assert.equal(Object.assign({}, ...told).name, "王");
    assert.equal(Object.assign({}, ...told)["订单号"], "A-1");
    const again = await opened({storage: page.storage()});
    await until(() => again.bubbles().length);
    assert.equal(again.one("[name=q3]"), undefined);
});

test("the page's own calls: queue before load, events, identify, hide", async () => {
    const page = visit({
        before: "window.huolie = [['identify', {id: 'u7', sig: 'x'}]];",
    });
    await until(() => named("v/who").length);
    assert.equal(named("v/who")[0].body.who.id, "u7");
    const seen = [];
    page.window.huolie.on("opened", () => seen.push("opened"));
    page.window.huolie.on("message", (m) => seen.push(m.text));
    page.window.huolie.open();
    await until(() => peer.talks[0]);
    peer.join(1);
    peer.agentSays(1, "事件");
    await until(() => seen.includes("事件"));
    assert.equal(seen[0], "opened");
    page.window.huolie.hide();
    assert.equal(page.window.document.getElementById("huolie").style.display, "none");
});
