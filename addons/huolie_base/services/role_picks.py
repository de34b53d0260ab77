"""The ready-made roles, and comparing what a role gives (pure functions)."""

LEVELS = ("none", "see", "do")
SCOPES = ("own", "groups", "enterprise")
READY = ("admin", "supervisor", "agent")

# A module that is not named here is closed to the supervisor and the agent.
SUPERVISOR = {
    "chat": "do",
    "visitor": "do",
    "record": "do",
    "customer": "do",
    "lead": "do",
    "report": "do",
    "robot": "do",
    "style": "see",
    "seat": "see",
    "settings": "see",
}
AGENT = {"chat": "do", "visitor": "do", "record": "see", "customer": "do", "lead": "do"}


def ready_level(code, module):
    """Return what a ready-made role may do in a module: ``none see do``."""
    if code == "admin":
        return "do"
    return (SUPERVISOR if code == "supervisor" else AGENT).get(module, "none")


def ready_scope(code):
    """Return the data scope of a ready-made role."""
    return {"admin": "enterprise", "supervisor": "groups"}.get(code, "own")


def ready_export(code):
    """Say whether a ready-made role may export and import."""
    return code in ("admin", "supervisor")


def level(see, do):
    """Return the level of two ticks."""
    return "do" if do else "see" if see else "none"
