"""What of the stock web client is open to people of enterprises (default: nothing).

Reviewed lists, no code: a route or a method that is not named here, and that no addon
of the suite owns, does not exist for them, whatever the ERP has installed.
"""

# Paths of the web client itself, served by ``ir.http._render_tenant_client``.
CLIENT_PATHS = ("/web", "/odoo", "/scoped_app")

# Route prefixes of stock addons.
ROUTES = (
    "/base_import/set_file",
    "/bus/has_missed_notifications",
    "/bus/websocket_worker_bundle",
    "/logo",
    "/mail/action",
    "/mail/attachment/delete",
    "/mail/attachment/update_thumbnail",
    "/mail/attachment/upload",
    "/mail/data",
    "/mail/font_to_img",
    "/mail/message/post",
    "/mail/message/update_content",
    "/mail/thread/messages",
    "/odoo/offline",
    "/robots.txt",
    "/web/action/load",
    "/web/action/load_breadcrumbs",
    "/web/assets/",
    "/web/binary/company_logo",
    "/web/binary/upload_attachment",
    "/web/bundle/",
    "/web/content",
    "/web/dataset/call_button",
    "/web/dataset/call_kw",
    "/web/domain/validate",
    "/web/export/",
    "/web/health",
    "/web/image",
    "/web/login",
    "/web/manifest.webmanifest",
    "/web/pivot/export_xlsx",
    "/web/reset_password",
    "/web/service-worker.js",
    "/web/session/",
    "/web/version",
    "/web/webclient/",
    "/websocket",
)
# … and of those again closed: they end in pages for the ERP's other outside users.
CLOSED_ROUTES = (
    "/web/login_successful",
    "/web/session/account",
    "/web/session/modules",
    "/websocket/peek_notifications",
)

# Methods of any model that only read …
READS = {
    "default_get",
    "export_data",
    "fields_get",
    "formatted_read_group",
    "formatted_read_grouping_sets",
    "get_empty_list_help",
    "get_formview_action",
    "get_formview_id",
    "get_import_templates",
    "get_views",
    "name_search",
    "onchange",
    "read",
    "read_progress_bar",
    "search",
    "search_count",
    "search_panel_select_multi_range",
    "search_panel_select_range",
    "search_read",
    "web_name_search",
    "web_read",
    "web_read_group",
    "web_search_read",
}
# … and that change something; access rights and rules decide on which rows.
METHODS = READS | {
    "action_archive",
    "action_unarchive",
    "copy",
    "create",
    "load",
    "message_post",
    "message_subscribe",
    "message_unsubscribe",
    "name_create",
    "unlink",
    "web_resequence",
    "web_save",
    "web_save_multi",
    "write",
}

# What only reads, with what is open on one model alone (`MODEL_METHODS`); and how the
# suite's own reading methods begin.
READ_METHODS = READS | {"get_filters", "has_group"}
READ_STARTS = ("action_open", "action_view", "get_")

# Routes closed during a visit with a support grant: what takes data along, or acts in
# the admin's name towards others.
VISIT_CLOSED = (
    "/base_import",
    "/huolie/a/",
    "/huolie/export",
    "/huolie/pay",
    "/mail/attachment",
    "/mail/message",
    "/web/binary/upload_attachment",
    "/web/export",
    "/web/pivot/export_xlsx",
)

# Methods that take the context's defaults; any other acts on what there is.
FORM_METHODS = {
    "copy",
    "create",
    "default_get",
    "execute_import",
    "load",
    "name_create",
    "onchange",
    "web_save",
    "web_save_multi",
}
# Where the values from a client stand among a method's arguments.
VALUE_METHODS = {"create": 0, "write": 1, "web_save": 1, "web_save_multi": 1}

# Context keys that switch checks off or make rows in another addon's name; so do all
# that begin with an underscore.
CLOSED_CONTEXT = {
    "import_cache",
    "import_flush",
    "install_mode",
    "install_module",
    "mail_create_nolog",
    "mail_create_nosubscribe",
    "mail_notify_force_send",
    "mail_notrack",
    "mode",
    "module",
    "no_reset_password",
    "noupdate",
    "tracking_disable",
}

# Methods of one stock model.
MODEL_METHODS = {
    "auth_totp.device": {"remove"},
    "auth_totp.wizard": {"enable"},
    "base_import.import": {"execute_import", "get_fields_tree", "parse_preview"},
    "change.password.own": {"change_password"},
    "ir.attachment": {"register_as_main_attachment"},
    "ir.filters": {"create_filter", "get_filters"},
    "res.currency": {"get_all_currencies"},
    "res.device": {"revoke"},
    "res.lang": {"get_installed"},
    "res.users": {
        "action_get",
        "action_revoke_all_devices",
        "action_totp_disable",
        "action_totp_enable_wizard",
        "has_group",
        "preference_cancel",
        "preference_change_password",
        "preference_save",
        "revoke_all_devices",
    },
    "res.users.identitycheck": {"revoke_all_devices", "run_check"},
    "res.users.settings": {"set_res_users_settings"},
}

# Actions of stock addons that preferences, password and two-factor lead to.
ACTIONS = {
    "base.action_res_users_my",
    "base.action_res_users_keys_description",
    "base.res_users_identitycheck_action",
    "base_import.action_base_import",
}

SUITE = "odoo.addons.huolie_"


def is_route_open(paths, module, extra=()):
    """Say whether an endpoint is there for people of enterprises.

    :param paths: the routes of the endpoint
    :param module: name of the Python module that defines it
    :param extra: more prefixes, from other addons of the suite
    """
    if module.startswith(SUITE):
        return True
    prefixes = ROUTES + tuple(extra)
    return all(
        any(_starts(path, prefix) for prefix in prefixes) and path not in CLOSED_ROUTES
        for path in paths
    )


def _starts(path, prefix):
    if prefix.endswith("/"):
        return path.startswith(prefix)
    return path == prefix or path.startswith((prefix + "/", prefix + "."))


def clean_context(context, method):
    """Return a client's context without what would switch checks off.

    :param dict context: as sent
    :param str method: the method that it is for
    """
    takes_defaults = method in FORM_METHODS
    return {
        key: value
        for key, value in context.items()
        if not key.startswith("_")
        and key not in CLOSED_CONTEXT
        and (takes_defaults or not key.startswith("default_"))
    }


def sent_values(method, args, kwargs):
    """Return the dicts of values that a call would create or write.

    :param list args: as sent; the ids come first where there are any
    :param dict kwargs: as sent
    """
    if method not in VALUE_METHODS:
        return []
    place = VALUE_METHODS[method]
    given = args[place : place + 1] or [
        kwargs[name] for name in ("vals", "vals_list") if name in kwargs
    ]
    found = given[0] if given else []
    found = found if isinstance(found, list | tuple) else [found]
    return [vals for vals in found if isinstance(vals, dict)]


def is_visit_open(model_class, name):
    """Say whether operator staff may call a method during a visit.

    :param model_class: the class of the model in the registry
    """
    may = model_class._support_may
    return (
        name in READ_METHODS
        or name.startswith(READ_STARTS)
        or may == "*"
        or name in may
    )


def is_visit_route_open(path):
    """Say whether a route may be used during a visit."""
    return not path.startswith(VISIT_CLOSED)


def is_method_open(model_class, name, extra=()):
    """Say whether a method of a model may be called by people of enterprises.

    :param model_class: the class of the model in the registry
    """
    if name in METHODS or name in extra:
        return True
    if name in MODEL_METHODS.get(model_class._name, ()):
        return True
    return any(
        name in vars(cls) and cls.__module__.startswith(SUITE)
        for cls in model_class.__mro__
    )
