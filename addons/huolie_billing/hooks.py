from odoo.tools import SQL

from odoo.addons.payment import reset_payment_provider, setup_provider

PROVIDERS = ("huolie_wechat", "huolie_alipay")


def post_init_hook(env):
    """Give every enterprise a wallet; accounts follow when a chart is there."""
    enterprises = env["huolie.enterprise"].search([])
    enterprises._create_wallets()
    # From now on service is sold: seats that served for nothing end here.
    enterprises._refresh_stage()
    for company in env["res.company"].search([("chart_template", "!=", False)]):
        company._get_huolie_advance_account()
    for code in PROVIDERS:
        setup_provider(env, code)


def uninstall_hook(env):
    """Take away what Odoo does not know of: the trigger function, our parameters."""
    parameters = env["ir.config_parameter"]
    parameters.search([("key", "=like", "huolie\\_billing.%")]).unlink()
    for code in PROVIDERS:
        reset_payment_provider(env, code)
    _keep_partners_in_books(env.cr)
    env.cr.execute("DROP FUNCTION IF EXISTS huolie_wallet_entry_frozen() CASCADE")


def _keep_partners_in_books(cr):
    """Partners with entries stay, as books must: Odoo is not to try to delete them."""
    cr.execute(
        SQL(
            """
            DELETE FROM ir_model_data d
             WHERE d.model = 'res.partner' AND d.module LIKE %s
               AND EXISTS (SELECT FROM account_move m
                            WHERE d.res_id IN (m.partner_id, m.commercial_partner_id))
            """,
            r"huolie\_%",
        )
    )
