{
    "name": "Huolie Cloud: website widget",
    "summary": "The chat button and window for any website, their styles and the form",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Huolie",
    "website": "https://github.com/huolie/huolie-cloud",
    "category": "Website/Live Chat",
    "depends": ["huolie_chat"],
    "external_dependencies": {"python": ["qrcode"]},
    "data": [
        "security/huolie_widget_groups.xml",
        "security/ir.model.access.csv",
        "security/huolie_widget_rules.xml",
        "views/huolie_form_field_views.xml",
        "views/huolie_site_views.xml",
        "views/huolie_widget_menus.xml",
    ],
    "demo": ["demo/huolie_site_demo.xml"],
    "assets": {
        "web.assets_backend": ["huolie_widget/static/src/settings/**/*"],
    },
    "post_init_hook": "post_init_hook",
}
