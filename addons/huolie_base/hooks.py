from odoo.tools import SQL


def uninstall_hook(env):
    """Leave the ERP as it was: nobody of an enterprise can sign in any more.

    Odoo itself removes our tables, columns, views and data; it does not know of
    functions and parameters, and could not delete enterprises that partners name.
    """
    people = env["res.users"].search([("enterprise_id", "!=", False)])
    people.filtered(lambda user: user._is_tenant()).write({"active": False})
    env["res.partner"].flush_model()
    env.cr.execute(SQL("UPDATE res_partner SET enterprise_id = NULL"))
    env.invalidate_all()
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS huolie_append_only() CASCADE"))
    parameters = env["ir.config_parameter"].search([("key", "=like", "huolie.%")])
    parameters.unlink()
