import assert from "node:assert/strict";
import {test} from "node:test";
import {
    filterReplies,
    findContacts,
    formatDuration,
    formatSize,
    slashQuery,
    splitLinks,
} from "../../addons/huolie_chat/static/src/console/text.js";

test("links are cut out, nothing else becomes one", () => {
    assert.deepEqual(splitLinks("see https://a.example/x?y=1. ok"), [
        {text: "see "},
        {text: "https://a.example/x?y=1", href: "https://a.example/x?y=1"},
        {text: ". ok"},
    ]);
    assert.deepEqual(splitLinks("javascript:alert(1) <b>"), [
        {text: "javascript:alert(1) <b>"},
    ]);
    assert.deepEqual(
        splitLinks("看https://a.example/b，谢谢")[1].href,
        "https://a.example/b"
    );
    assert.deepEqual(splitLinks(""), []);
});

test("telephone, mail and WeChat are found in a sentence", () => {
    assert.deepEqual(findContacts("我的电话 138 1234 5678，微信号是 fire_2024"), {
        phone: "13812345678",
        wechat: "fire_2024",
    });
    assert.deepEqual(findContacts("+86-13812345678 or li@example.com."), {
        phone: "13812345678",
        email: "li@example.com",
    });
    assert.deepEqual(findContacts("订单号 20260101138123456789"), {});
    assert.deepEqual(findContacts(""), {});
});

test("durations and sizes", () => {
    assert.equal(formatDuration(75), "1:15");
    assert.equal(formatDuration(3700), "1:01:40");
    assert.equal(formatDuration(-3), "0:00");
    assert.equal(formatSize(0), "");
    assert.equal(formatSize(512), "512 B");
    assert.equal(formatSize(1536), "1.5 KB");
});

test("quick replies: the shortcut wins, then title, then words", () => {
    const replies = [
        {name: "Shipping", shortcut: "", body: "price of shipping"},
        {name: "Price list", shortcut: "pl", body: "…"},
        {name: "Hello", shortcut: "price", body: "…"},
    ];
    assert.deepEqual(
        filterReplies(replies, "price").map((reply) => reply.name),
        ["Hello", "Price list", "Shipping"]
    );
    assert.equal(filterReplies(replies, "").length, 3);
    assert.equal(filterReplies(replies, "zzz").length, 0);
});

test("a slash opens the replies only at the beginning", () => {
    assert.equal(slashQuery("/"), "");
    assert.equal(slashQuery("/pr"), "pr");
    assert.equal(slashQuery("a/b"), null);
    assert.equal(slashQuery("https://x"), null);
    assert.equal(slashQuery("/a\nb"), null);
});
