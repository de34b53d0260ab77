from odoo.tools import SQL


def uninstall_hook(env):
    """Take away what Odoo does not know of: our function and our parameters."""
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS huolie_append_only() CASCADE"))
    parameters = env["ir.config_parameter"].search([("key", "=like", "huolie.%")])
    parameters.unlink()
