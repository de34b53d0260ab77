# Run in an Odoo shell on a database that has only `base`: the operator's company.
# The country must stand before `account` comes, so that its chart is the Chinese one.
company = env.company  # noqa: F821
company.name = "火烈云科技有限公司"
company.partner_id.write(
    {"country_id": env.ref("base.cn").id, "lang": "zh_CN", "tz": "Asia/Shanghai"}  # noqa: F821
)
env.ref("base.CNY").active = True  # noqa: F821
company.currency_id = env.ref("base.CNY")  # noqa: F821
env.ref("base.user_admin").write({"lang": "zh_CN", "tz": "Asia/Shanghai"})  # noqa: F821
env.cr.commit()  # noqa: F821
