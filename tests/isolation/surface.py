"""What can be called from outside: public methods and routes of the suite."""

import inspect

from odoo.http import _generate_routing_rules

from .prober import suite_methods


def method_lines(env):
    """`model.method(arguments)` of every endpoint the suite defines on a model."""
    lines = set()
    for name in env.registry.models:
        model_class = type(env[name])
        for method in suite_methods(model_class):
            owner = _owner(model_class, method)
            # of a mixin, or of `base`, once and not for each model
            if owner is not None and name != owner:
                continue
            arguments = list(inspect.signature(getattr(model_class, method)).parameters)
            lines.add(f"{name}.{method}({', '.join(arguments[1:])})")
    return sorted(lines)


def _owner(model_class, method):
    """Name of the mixin that the suite put the method on, if it is one."""
    for cls in model_class.__mro__:
        if method in vars(cls) and cls.__module__.startswith("odoo.addons.huolie_"):
            inherit = cls.__dict__.get("_inherit")
            name = cls.__dict__.get("_name") or inherit
            return name if isinstance(name, str) else None
    return None


def route_lines(env):
    """`auth type methods url flags` of every route the suite defines or overrides."""
    lines = set()
    modules = sorted(env.registry._init_modules)
    for url, endpoint in _generate_routing_rules(modules, nodb_only=False):
        if not endpoint.func.__module__.startswith("odoo.addons.huolie_"):
            continue
        routing = endpoint.routing
        verbs = ",".join(routing.get("methods") or ["ANY"])
        flags = [
            flag
            for flag, on in (
                ("no-csrf", routing.get("csrf") is False),
                (f"cors={routing.get('cors')}", routing.get("cors")),
                ("no-session", routing.get("save_session") is False),
            )
            if on
        ]
        parts = [routing["auth"], routing["type"], verbs, url, *flags]
        lines.add(" ".join(parts))
    return sorted(lines)
