"""./huolie lint: each tool is one check; a check that finds anything fails."""

import re
import subprocess
import tempfile
import time
from pathlib import Path

from . import database, node, places, po, postgres, python_env
from .progress import elapsed, say

PYTHON_TREES = ["addons", "bench", "tests", "huolie_tools", "huolie", "conftest.py"]
EVERYTHING = ["addons", "bench", "tests", "huolie_tools", "deploy", "docs"]

# habits of Odoo before 19: ignored silently or broken there, and no linter finds them
OLD_HABITS = {
    "*.py": [
        (r"^\s+_sql_constraints\b", "models.Constraint / UniqueIndex (it is ignored)"),
        (r"^\s+_constraints\s*=", "@api.constrains"),
        (r"def name_get\(", "_compute_display_name"),
        (r"odoo\.osv\b", "odoo.fields.Domain"),
        (r"\.read_group\(", "_read_group"),
        (r"check_access_(rights|rule)\(", "check_access / has_access"),
        (r"\bself\._(cr|uid|context)\b", "self.env.cr / uid / context"),
        (r"""type=['"]json['"]""", "type='jsonrpc'"),
        (r"\bgroups_id\b", "group_ids"),
        (r"\bgroup_operator\b", "aggregator"),
        (r"\btoggle_active\b", "action_archive / action_unarchive"),
        (r"\buser_has_groups\b", "env.user.has_group"),
        (r"search\([^)]*count=True", "search_count"),
        (r"\bSavepointCase\b", "TransactionCase"),
        (r"\bbase\.user_demo\b", "new_test_user"),
        (r"\.env\.cr\.commit\(\)", "no commit in code"),
    ],
    "*.xml": [
        (r"</?tree\b", "<list>"),
        (r'view_mode">[^<]*\btree\b', "list"),
        (r"\battrs=", "invisible= readonly= required="),
        (r"\bstates=", "invisible="),
        (r"kanban-box", 't-name="card"'),
        (r"oe_chatter", "<chatter/>"),
        (r'name="(numbercall|doall)"', "nothing: the field is gone"),
        (r"\bgroups_id\b", "group_ids"),
        (r"<group[^>]*\bexpand=", "<group> without attributes"),
    ],
    "*.js": [
        (r"""useService\(["'](rpc|user|company)["']\)""", "import it"),
        (r"@odoo-module", "nothing: every file is a module"),
        (r"odoo\.define\(", "import / export"),
    ],
}
# what must not be in a file that is committed: addresses of registries, machine paths;
# written so that it does not find itself
PRIVATE = re.compile(r'"resolved"[:]|/(?:root)/|--(extra-)?index-url')


def main():
    """Run all checks; their counts, one a check."""
    from .testing import Count

    total = Count()
    for name, check in CHECKS:
        since = time.monotonic()
        findings = check()
        say(f"{'FAIL' if findings else 'ok':5} {name} ({elapsed(since)})")
        if findings:
            say(findings.strip()[-6000:])
        total += Count(failed=1) if findings else Count(passed=1)
    return total


def _tool(*command):
    """Output of a Python tool of the environment when it finds anything."""
    done = subprocess.run(
        [str(python_env.python()), "-m", *command],
        cwd=places.PROJECT,
        capture_output=True,
        text=True,
    )
    return (done.stdout + done.stderr or "failed") if done.returncode else ""


def _existing(names):
    return [name for name in names if (places.PROJECT / name).exists()]


# === PYTHON === #


def ruff_check():
    return _tool("ruff", "check", "--no-cache", *_existing(PYTHON_TREES))


def ruff_format():
    command = ["ruff", "format", "--no-cache", "--check"]
    return _tool(*command, *_existing(PYTHON_TREES))


def pylint_odoo():
    addons = [str(addon) for addon in places.our_addons()]
    return _tool("pylint", "--rcfile=.pylintrc", "--jobs=2", *addons)


# === OUR OWN GATES === #


def old_habits():
    found = []
    for pattern, habits in OLD_HABITS.items():
        for file in sorted(places.ADDONS.rglob(pattern)):
            if "/static/lib/" in str(file) or "/dist/" in str(file):
                continue
            found += _old_habits_of(file, habits)
    return "\n".join(found)


def _old_habits_of(file, habits):
    found = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        for habit, instead in habits:
            if re.search(habit, line):
                place = f"{file.relative_to(places.PROJECT)}:{number}"
                found.append(f"{place}: {line.strip()[:80]}  -> {instead}")
    return found


def nothing_private():
    """No registry address and no path of a machine in what git tracks."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=places.PROJECT, capture_output=True, text=True
    )
    found = []
    for name in filter(None, done.stdout.split("\0")):
        file = places.PROJECT / name
        if not file.is_file():
            continue
        text = file.read_text(errors="ignore")
        found += [f"{name}: {m.group()}" for m in PRIVATE.finditer(text)]
    return "\n".join(found)


def translated():
    """Every term of the addons has its Chinese."""
    found = []
    with postgres.server():
        for addon in places.our_addons():
            if addon.name in database.manifests():
                found += _untranslated(addon)
    return "\n".join(found)


def _untranslated(addon):
    from .testing import template

    with tempfile.TemporaryDirectory() as folder:
        terms = Path(folder, f"{addon.name}.pot")
        po.export_terms(template(), addon.name, terms)
        missing = po.missing_terms(terms, addon / "i18n" / f"{po.LANGUAGE}.po")
    return [f"{addon.name}: no Chinese for {term!r}" for term in missing]


# === JAVASCRIPT === #


def eslint():
    node.ensure()
    done = node.run("eslint", "--max-warnings=0", ".", capture_output=True, text=True)
    return (done.stdout + done.stderr or "failed") if done.returncode else ""


def prettier():
    node.ensure()
    done = node.run("prettier", "--check", ".", capture_output=True, text=True)
    return (done.stdout + done.stderr or "failed") if done.returncode else ""


CHECKS = [
    ("ruff", ruff_check),
    ("ruff format", ruff_format),
    ("pylint-odoo", pylint_odoo),
    ("old habits of Odoo", old_habits),
    ("nothing private", nothing_private),
    ("eslint", eslint),
    ("prettier", prettier),
    ("Chinese terms", translated),
]
