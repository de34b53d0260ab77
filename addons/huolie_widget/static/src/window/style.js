/* The window's style sheet: a constructed one, which strict content policies allow. */

/** All rules; col and txt are the theme colour and the colour of text on it. */
function rules(col, txt) {
    return (
        ".h-box,.h-box *,.h-card{box-sizing:border-box;margin:0;padding:0;letter-spacing:normal}" +
        ".h-box{position:fixed;z-index:2147483001;display:flex;flex-direction:column;overflow:hidden;" +
        "background:#fff;color:#1f2329;font:15px/1.5 system-ui,-apple-system,'PingFang SC'," +
        "'Microsoft YaHei','Noto Sans CJK SC',sans-serif;text-align:left;box-shadow:0 8px 40px rgba(0,0,0,.26);" +
        "overscroll-behavior:contain;-webkit-text-size-adjust:100%}" +
        ".h-box[hidden],.h-box [hidden],.h-card[hidden]{display:none!important}" +
        ".h-mini{width:372px;height:560px;max-width:calc(100vw - 24px);max-height:calc(100vh - 24px);" +
        "max-height:calc(100dvh - 24px);bottom:12px;border-radius:12px}" +
        ".h-side{width:400px;max-width:100vw;top:0;bottom:0}" +
        ".h-standard{left:0;right:0;top:0;bottom:0}" +
        ".h-left{left:12px}.h-right{right:12px}.h-side.h-left{left:0}.h-side.h-right{right:0}" +
        ".h-standard.h-left,.h-standard.h-right{left:0;right:0}" +
        ".h-phone.h-mini{left:0;right:0;bottom:0;width:auto;max-width:none;height:78%;max-height:none;border-radius:14px 14px 0 0}" +
        ".h-phone.h-side{width:88%}" +
        ".h-standard .h-wrap{width:100%;max-width:860px;margin:0 auto}" +
        ".h-box button,.h-box input,.h-box textarea,.h-box select,.h-card button{font:inherit;color:inherit}" +
        ".h-box button,.h-card button{cursor:pointer;background:none;border:0;border-radius:6px}" +
        ".h-box :focus-visible,.h-card :focus-visible{outline:2px solid #1a6fe8;outline-offset:2px}" +
        ".h-box:focus{outline:0}.h-head :focus-visible{outline-color:" +
        txt +
        "}" +
        ".h-head{flex:none;background:" +
        col +
        ";color:" +
        txt +
        ";padding:10px 8px 10px 14px;padding-top:calc(10px + env(safe-area-inset-top,0px))}" +
        ".h-mini .h-head{padding-top:10px}" +
        ".h-head .h-wrap{display:flex;align-items:center;gap:10px}" +
        ".h-logo{width:36px;height:36px;border-radius:8px;object-fit:cover;flex:none;background:#fff}" +
        ".h-names{flex:1;min-width:0}.h-title{font-size:16px;font-weight:600;line-height:1.3}" +
        ".h-title,.h-sub{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.h-sub{font-size:12.5px}" +
        ".h-tool{width:36px;height:36px;display:flex;align-items:center;justify-content:center;flex:none}" +
        ".h-tool:hover{background:rgba(127,127,127,.22)}" +
        ".h-icon{width:22px;height:22px;fill:currentColor;display:block}" +
        ".h-notice{flex:none;background:#fff7e0;color:#5c4300;font-size:13px;padding:6px 14px;max-height:64px;overflow:auto;white-space:pre-wrap}" +
        ".h-bar{flex:none;background:#eef3fb;color:#20426b;font-size:13px;padding:6px 14px;display:flex;gap:10px;align-items:center;justify-content:space-between;min-height:36px}" +
        ".h-bar.h-bad{background:#fdeceb;color:#8f1d14}" +
        ".h-link{color:#0b57c4!important;text-decoration:underline;padding:4px 6px;white-space:nowrap}" +
        ".h-log{flex:1;min-height:0;overflow-y:auto;-webkit-overflow-scrolling:touch;background:#f4f5f7;padding:12px 14px}" +
        ".h-row{display:flex;flex-direction:column;align-items:flex-start;margin-bottom:10px}" +
        ".h-row.h-mine{align-items:flex-end}" +
        ".h-who{font-size:12px;color:#5a6270;margin:0 2px 2px}" +
        ".h-bubble{max-width:85%;background:#fff;border-radius:4px 12px 12px 12px;padding:8px 12px;white-space:pre-wrap;overflow-wrap:anywhere;word-break:break-word;box-shadow:0 1px 2px rgba(0,0,0,.07)}" +
        ".h-mine .h-bubble{background:" +
        col +
        ";color:" +
        txt +
        ";border-radius:12px 4px 12px 12px}" +
        ".h-bubble a{color:#0b57c4;text-decoration:underline}.h-mine .h-bubble a{color:inherit}" +
        ".h-mark{font-size:12px;color:#5a6270;margin-top:2px}.h-mark.h-bad{color:#b3261e;text-decoration:underline}" +
        ".h-wait .h-bubble{opacity:.7}" +
        ".h-sys{text-align:center;font-size:12.5px;color:#5a6270;margin:8px 12px 12px;overflow-wrap:anywhere}" +
        ".h-day{text-align:center;font-size:12px;color:#5a6270;margin:6px 0 10px}" +
        ".h-pic{display:block;max-width:220px;max-height:240px;border-radius:6px;background:#e3e6ea;object-fit:contain}" +
        ".h-file{display:flex;gap:8px;align-items:center}" +
        ".h-items{display:flex;flex-direction:column;gap:6px;margin-top:8px;align-items:stretch}" +
        ".h-items button{text-align:left;border:1px solid #b9c4d4;background:#fff;color:#0b4a9e;padding:7px 10px;border-radius:8px;min-height:38px}" +
        ".h-items button:hover{background:#eef4fd;border-color:#0b57c4}" +
        ".h-acts{display:flex;flex-wrap:wrap;gap:6px;margin-top:8px}" +
        ".h-acts button{border:1px solid #d5dbe3;background:#fff;color:#4a5666;padding:4px 12px;border-radius:14px;font-size:13px;min-height:30px}" +
        ".h-cardt{font-weight:600}" +
        ".h-foot{flex:none;border-top:1px solid #dfe2e7;background:#fff;padding-bottom:env(safe-area-inset-bottom,0px)}" +
        ".h-tools{display:flex;align-items:center;gap:2px;padding:4px 8px 0}" +
        ".h-tools .h-tool{color:#4a5361}.h-space{flex:1}" +
        ".h-human{border:1px solid #b9c4d4!important;border-radius:16px!important;padding:4px 12px;font-size:13px;color:#0b4a9e!important;min-height:32px}" +
        ".h-human:hover{background:#eef4fd}" +
        ".h-write{display:flex;align-items:flex-end;gap:8px;padding:4px 10px 10px}" +
        ".h-text{flex:1;min-width:0;resize:none;border:1px solid #c5cad3;border-radius:8px;padding:8px 10px;font-size:16px!important;line-height:1.4;height:42px;max-height:120px;background:#fff;color:#1f2329}" +
        ".h-go{background:" +
        col +
        "!important;color:" +
        txt +
        "!important;border-radius:8px!important;padding:0 16px;height:42px;flex:none;font-weight:500!important}" +
        ".h-go[disabled]{opacity:.5;cursor:default}" +
        ".h-emoji{display:grid;grid-template-columns:repeat(8,1fr);padding:6px 10px;border-top:1px solid #eceef1;max-height:136px;overflow:auto}" +
        ".h-emoji button{font-size:20px!important;height:36px}" +
        ".h-page{flex:1;min-height:0;overflow-y:auto;padding:16px;background:#fff}" +
        ".h-page .h-wrap>*,.h-inline>*{margin-bottom:12px}" +
        ".h-field{margin-bottom:12px!important}.h-field label,.h-lab{display:block;font-size:14px;margin-bottom:3px}" +
        ".h-star{color:#b3261e}" +
        ".h-field input:not([type=checkbox]),.h-field textarea,.h-field select{width:100%;font-size:16px!important;border:1px solid #8b94a3;border-radius:8px;padding:8px 10px;background:#fff;color:#1f2329;min-height:42px}" +
        ".h-field textarea{min-height:96px;resize:vertical}" +
        ".h-field [aria-invalid=true]{border-color:#b3261e!important}" +
        ".h-err{color:#b3261e;font-size:13px;min-height:0}" +
        ".h-tick{display:flex;gap:8px;align-items:flex-start;font-size:13px}.h-tick input{width:18px;height:18px;flex:none;margin-top:2px!important}" +
        ".h-stars{display:flex;gap:4px}.h-stars button{font-size:28px!important;line-height:1;width:42px;height:42px;color:#8b94a3!important}" +
        ".h-stars .h-lit{color:#b56a00!important}" +
        ".h-pair{display:flex;gap:8px;align-items:center;flex-wrap:wrap}" +
        ".h-opt{border:1px solid #8b94a3!important;border-radius:16px!important;padding:4px 14px;min-height:34px}" +
        ".h-opt[aria-pressed=true]{background:" +
        col +
        "!important;color:" +
        txt +
        "!important}" +
        ".h-inline{background:#fff;border-radius:12px;padding:14px;margin:4px 0 12px}" +
        ".h-down{position:absolute;right:14px;bottom:8px;background:#fff!important;border-radius:16px!important;box-shadow:0 2px 8px rgba(0,0,0,.25);padding:4px 12px;font-size:13px;color:#0b4a9e!important}" +
        ".h-mid{position:relative;flex:1;min-height:0;display:flex;flex-direction:column}" +
        ".h-sr{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0 0 0 0);white-space:nowrap}" +
        ".h-card{position:fixed;bottom:90px;z-index:2147483000;width:290px;max-width:calc(100vw - 24px);background:#fff;color:#1f2329;border-radius:12px;padding:14px!important;box-shadow:0 8px 32px rgba(0,0,0,.24);font:15px/1.5 system-ui,sans-serif}" +
        ".h-card p{margin-bottom:12px;white-space:pre-wrap;overflow-wrap:anywhere}" +
        "@media (prefers-reduced-motion:no-preference){.h-box{animation:h-in .16s ease-out}@keyframes h-in{from{opacity:0;transform:translateY(8px)}}}"
    );
}

/** Give the rules to the shadow root, or where there is none, to the page. */
function dress(root) {
    var text = rules(H.look.color, H.ink(H.look.color));
    var sheet, node;
    try {
        sheet = new W.CSSStyleSheet();
        sheet.replaceSync(text);
        root.adoptedStyleSheets = [sheet];
    } catch (error) {
        node = h("style", H.nonce ? {nonce: H.nonce} : {}, text);
        root.appendChild(node);
    }
}
