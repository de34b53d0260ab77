from odoo.tools import SQL


def uninstall_hook(env):
    """Leave the ERP as it was: nobody of an enterprise can sign in any more.

    Odoo itself removes our tables, columns, views and data; it does not know of
    functions and parameters, and could not delete enterprises that partners name.
    """
    _archive_people(env)
    env["res.partner"].flush_model()
    env.cr.execute(SQL("UPDATE res_partner SET enterprise_id = NULL"))
    env.invalidate_all()
    _drop_restrictions(env.cr)
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS huolie_append_only() CASCADE"))
    parameters = env["ir.config_parameter"].search([("key", "=like", "huolie.%")])
    parameters.unlink()


def _archive_people(env):
    """In SQL: the last administrator of an enterprise goes too, unlike by hand."""
    people = env["res.users"].search([("enterprise_id", "!=", False)])
    tenants = people.filtered(lambda user: user._is_tenant())
    env["res.users"].flush_model()
    query = SQL("UPDATE res_users SET active = FALSE WHERE id = ANY(%s)", tenants.ids)
    env.cr.execute(query)


def _drop_restrictions(cr):
    """Let Odoo delete our data in its order: our rows go with their tables anyway."""
    cr.execute(
        SQL(
            """
            SELECT conrelid::regclass::text, conname FROM pg_constraint
             WHERE contype = 'f' AND confdeltype IN ('a', 'r')
               AND (conrelid::regclass::text LIKE 'huolie\\_%%'
                    OR confrelid::regclass::text LIKE 'huolie\\_%%')
            """
        )
    )
    for table, name in cr.fetchall():
        drop = SQL(
            "ALTER TABLE %s DROP CONSTRAINT %s",
            SQL.identifier(table),
            SQL.identifier(name),
        )
        cr.execute(drop)
