{
    "name": "Huolie Cloud: conversations",
    "summary": "Visitors, queue, agents' console, records, leads",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Huolie",
    "website": "https://github.com/huolie/huolie-cloud",
    "category": "Website/Live Chat",
    "depends": ["huolie_base"],
    "data": [
        "security/huolie_chat_groups.xml",
        "security/ir.model.access.csv",
        "security/huolie_chat_rules.xml",
        "data/ir_cron.xml",
    ],
    "post_init_hook": "_post_init_hook",
    "application": True,
}
