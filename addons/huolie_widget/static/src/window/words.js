/* What the window says by itself. %n, %m … are filled in by say(). */
/* Each line: Simplified Chinese, Traditional Chinese, English. */

var WORDS = {
    title: ["在线客服", "線上客服", "Chat with us"],
    close: ["收起窗口", "收合視窗", "Close window"],
    end: ["结束对话", "結束對話", "End chat"],
    endAsk: ["确定结束本次对话吗？", "確定結束本次對話嗎？", "End this chat now?"],
    yes: ["确定", "確定", "Yes"],
    no: ["取消", "取消", "Cancel"],
    soundOn: ["打开提示音", "開啟提示音", "Turn sound on"],
    soundOff: ["关闭提示音", "關閉提示音", "Turn sound off"],
    write: ["请输入您的问题", "請輸入您的問題", "Type your message"],
    send: ["发送", "傳送", "Send"],
    emoji: ["表情", "表情", "Emoji"],
    attach: ["发送图片或文件", "傳送圖片或檔案", "Send a picture or file"],
    human: ["转人工", "轉真人", "Talk to a person"],
    askRobot: ["先问问机器人", "先問問機器人", "Ask the robot first"],
    leave: ["留言", "留言", "Leave a message"],
    back: ["返回对话", "返回對話", "Back to the chat"],
    me: ["我", "我", "Me"],
    robot: ["机器人", "機器人", "Robot"],
    agent: ["客服", "客服", "Agent"],
    online: ["客服在线", "客服在線", "We are online"],
    queue: ["客服繁忙，可排队等候", "客服忙碌，可排隊等候", "All agents are busy, you can wait"],
    form: ["当前无客服在线，请留言", "目前沒有客服在線，請留言", "Nobody is online, leave a message"],
    connecting: ["正在连接…", "正在連線…", "Connecting…"],
    lost: ["网络不稳，正在重新连接…", "網路不穩，正在重新連線…", "Connection lost, trying again…"],
    typing: ["对方正在输入…", "對方正在輸入…", "Typing…"],
    place: [
        "正在排队，您在第 %n 位，约 %m 分钟",
        "正在排隊，您在第 %n 位，約 %m 分鐘",
        "You are number %n in the queue, about %m min"
    ],
    placeOnly: ["正在排队，您在第 %n 位", "正在排隊，您在第 %n 位", "You are number %n in the queue"],
    waiting: ["正在为您接通客服…", "正在為您接通客服…", "Finding someone for you…"],
    joined: ["%n 为您服务", "%n 為您服務", "%n is here for you"],
    transferred: ["已转接给 %n", "已轉接給 %n", "You are now with %n"],
    left: ["%n 已离开，正在为您重新接通", "%n 已離開，正在為您重新接通", "%n left, finding someone else"],
    closed: ["对话已结束", "對話已結束", "The chat has ended"],
    rated: ["感谢您的评价", "感謝您的評價", "Thank you for your rating"],
    recalled: ["一条消息已撤回", "一則訊息已收回", "A message was withdrawn"],
    asked: ["已为您转人工客服", "已為您轉真人客服", "We are getting a person for you"],
    sending: ["发送中", "傳送中", "Sending"],
    failed: ["发送失败，点击重试", "傳送失敗，點擊重試", "Not sent, tap to try again"],
    refused: ["未能发送：%n", "未能傳送：%n", "Could not be sent: %n"],
    long: ["内容太长", "內容太長", "it is too long"],
    type: ["不支持这种文件", "不支援這種檔案", "this kind of file is not accepted"],
    big: ["文件超过 10 MB", "檔案超過 10 MB", "the file is over 10 MB"],
    many: ["发送太快，请稍候", "傳送太快，請稍候", "too many at once, please wait"],
    other: ["请稍后再试", "請稍後再試", "please try again later"],
    more: ["更多问题", "更多問題", "More questions"],
    earlier: ["查看更早的消息", "查看更早的訊息", "Earlier messages"],
    fresh: ["有新消息", "有新訊息", "New message"],
    required: ["请填写此项", "請填寫此項", "Please fill this in"],
    invalid: ["格式不正确", "格式不正確", "This does not look right"],
    consent: ["请先勾选同意", "請先勾選同意", "Please tick this first"],
    formIntro: [
        "请留下您的问题和联系方式，我们会尽快回复您。",
        "請留下您的問題和聯絡方式，我們會盡快回覆您。",
        "Leave your question and how to reach you, we will answer soon."
    ],
    preIntro: ["开始对话前，请先填写：", "開始對話前，請先填寫：", "Before we start:"],
    f_name: ["姓名", "姓名", "Name"],
    f_phone: ["手机", "手機", "Mobile"],
    f_email: ["邮箱", "電子郵件", "E-mail"],
    f_wechat: ["微信", "微信", "WeChat"],
    f_company: ["公司", "公司", "Company"],
    f_body: ["留言内容", "留言內容", "Message"],
    submit: ["提交", "提交", "Submit"],
    start: ["开始对话", "開始對話", "Start chat"],
    thanks: ["留言已提交，我们会尽快与您联系。", "留言已提交，我們會盡快與您聯絡。", "We have got your message and will be in touch."],
    again: ["再写一条", "再寫一則", "Write another"],
    nowOnline: ["客服已上线，开始对话", "客服已上線，開始對話", "Somebody is online now, start the chat"],
    rateAsk: ["请对本次服务进行评价", "請對本次服務進行評價", "How was this chat?"],
    star: ["%n 星", "%n 星", "%n stars"],
    solvedAsk: ["问题解决了吗？", "問題解決了嗎？", "Was your question solved?"],
    solved: ["已解决", "已解決", "Yes"],
    unsolved: ["未解决", "未解決", "No"],
    comment: ["说说您的感受（选填）", "說說您的感受（選填）", "Anything to add? (optional)"],
    skip: ["跳过", "略過", "Skip"],
    newChat: ["重新咨询", "重新諮詢", "New chat"],
    invite: ["您好，有什么可以帮您？", "您好，有什麼可以幫您？", "Hello, can we help you?"],
    accept: ["开始咨询", "開始諮詢", "Chat now"],
    refuse: ["暂不需要", "暫不需要", "Not now"]
};

var column = {"zh-CN": 0, "zh-TW": 1, en: 2}[H.lang];

/** One of our sentences in the visitor's language. */
function say(name, n, m) {
    var text = WORDS[name][column];
    return text.replace("%n", n).replace("%m", m);
}
