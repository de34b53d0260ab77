"""./huolie po: the Chinese terms of the addons, kept complete.

Exports the terms of an addon from a database where it is installed, and merges
them into `i18n/zh_CN.po`: translations are kept, terms that are gone are kept
as obsolete entries (`--clean` drops them), new ones come in empty.
"""

import ast
import re
import subprocess
import tempfile
from pathlib import Path

from . import configuration, places
from .errors import Halt
from .progress import say

LANGUAGE = "zh_CN"
HEADER = {
    "Project-Id-Version": "Odoo Server 19.0",
    "Report-Msgid-Bugs-To": "",
    "Language": LANGUAGE,
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def export_terms(database, addon, target):
    """Write the .pot of one installed addon to `target` with Odoo's own export."""
    conf = configuration.write("setup", http_interface="127.0.0.1")
    arguments = ["i18n", "export", "-c", conf, "-d", database, "-l", "pot"]
    done = subprocess.run(
        configuration.odoo_command(*arguments, "-o", target, addon),
        cwd=places.PROJECT,
        env=configuration.environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode or not target.exists() or not target.stat().st_size:
        raise Halt(
            f"No terms of {addon} in the database {database} (is it installed there?): "
            + done.stderr.strip()[-600:]
        )


def merge_terms(template, target, clean=False):
    """Merge the terms of `template` into the .po `target`; the po file."""
    import polib

    known, gone = {}, []
    if target.exists():
        for entry in polib.pofile(str(target)):
            known[entry.msgid] = entry
    merged = polib.POFile(wrapwidth=78)
    merged.metadata = dict(HEADER)
    ours = declared_fields()
    for entry in polib.pofile(str(template)):
        before = known.pop(entry.msgid, None)
        entry.msgstr = before.msgstr if before else ""
        if entry.msgstr or needs_chinese(entry, ours):
            merged.append(entry)  # other modules translate their own
    for entry in known.values():
        if entry.msgstr and not clean:
            entry.obsolete = True
            gone.append(entry)
    merged.extend(gone)
    target.parent.mkdir(exist_ok=True)
    merged.save(str(target))
    return merged


def untranslated_terms(po):
    """The entries of a merged po file that have no translation."""
    return [entry for entry in po if not entry.obsolete and not entry.msgstr]


def missing_terms(template, target):
    """Terms of `template` that `target` lacks or leaves empty (nothing written)."""
    import polib

    done, ours = {}, declared_fields()
    if target.exists():
        done = {e.msgid: e.msgstr for e in polib.pofile(str(target)) if not e.obsolete}
    return [
        e.msgid
        for e in polib.pofile(str(template))
        if not done.get(e.msgid) and needs_chinese(e, ours)
    ]


def declared_fields():
    """All fields that our source declares, as `<model>__<field>`.

    A field of a mixin counts for every model: `*__<field>`.
    """
    found = set()
    for source in places.ADDONS.glob("*/*/*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found |= _fields_of_class(node)
    return found


def _fields_of_class(node):
    values = {
        target.id: statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    fields = {name for name, value in values.items() if _is_field(value)}
    name = values.get("_name", values.get("_inherit"))
    if name is None or not fields:
        return set()
    model = ast.literal_eval(name)
    mixin = any(getattr(base, "attr", "") == "AbstractModel" for base in node.bases)
    model = "*" if mixin or not isinstance(model, str) else model.replace(".", "_")
    return {f"{model}__{field}" for field in fields}


def _is_field(value):
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Attribute) and (
        getattr(called.value, "id", "") == "fields"
    )


def needs_chinese(entry, ours):
    """Whether a term is English and ours.

    An enterprise shows the fields of its partner (`_inherits`), also those that
    other modules of the database gave partners: their labels are theirs.
    """
    if re.search(r"[\u4e00-\u9fff]", entry.msgid):
        return False
    return not entry.occurrences or any(
        _is_ours(place, ours) for place, _line in entry.occurrences
    )


def _is_ours(place, ours):
    field = re.search(r"ir\.model\.fields,.*\.field_(\w+?)__(\w+)$", place)
    return not field or bool({f"{field[1]}__{field[2]}", f"*__{field[2]}"} & ours)


def merge_addons(database, addons, clean=False, check=False, show=False):
    """Export and merge (or only check) the terms of `addons`.

    :return: number of untranslated terms
    """
    missing = 0
    with tempfile.TemporaryDirectory(prefix="huolie-po-") as folder:
        for addon in addons:
            template = Path(folder, f"{addon.name}.pot")
            target = addon / "i18n" / f"{LANGUAGE}.po"
            export_terms(database, addon.name, template)
            if check:
                empty = missing_terms(template, target)
            else:
                po = merge_terms(template, target, clean)
                empty = [entry.msgid for entry in untranslated_terms(po)]
            missing += len(empty)
            say(f"{addon.name}: {len(empty)} untranslated")
            for msgid in empty if show or check else []:
                say(f"    {msgid!r}")
    return missing
