"""Write reviewed_methods.txt and reviewed_routes.txt anew; notes after ` # ` stay.

Fed to the Odoo shell of a database that has all five addons:
    ./huolie shell < tests/isolation/review.py
Look at the difference (`git diff`) before committing: each new line is a way in.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
from tests.isolation import surface  # noqa: E402

HERE = Path.cwd() / "tests" / "isolation"
HEADS = {
    "reviewed_methods.txt": "# Every method that can be called from outside.",
    "reviewed_routes.txt": "# Every route: auth, type, verbs, address, flags.",
}


def notes(path):
    """What somebody wrote behind the lines."""
    found = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        text, _sep, note = line.partition("  # ")
        if note:
            found[text.rstrip()] = note
    return found


def write(name, lines):
    path = HERE / name
    kept = notes(path)
    rows = [f"{line}  # {kept[line]}" if line in kept else line for line in lines]
    path.write_text("\n".join([HEADS[name], *rows]) + "\n")
    print(f"{path.name}: {len(lines)} lines")


write("reviewed_methods.txt", surface.method_lines(env))  # noqa: F821
write("reviewed_routes.txt", surface.route_lines(env))  # noqa: F821
