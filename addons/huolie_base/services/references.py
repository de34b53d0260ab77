"""Which records do values, as given to create or write, point at? (no rights asked)"""

from collections import defaultdict

from odoo.fields import Command
from odoo.models import BaseModel


def references(model, vals_list):
    """Collect the targets of all relational values, also inside x2many commands.

    :param model: an empty recordset of the model that the values are for
    :param vals_list: list of dicts as for ``create``
    :return: ``{model name: {id, …}}``; what is no id at all is left to the ORM
    :rtype: dict[str, set[int]]
    """
    found = defaultdict(set)
    for vals in vals_list:
        _collect(model, vals, found)
    return found


def nested_values(commands):
    """Return the dicts in x2many commands: values of rows to create or change."""
    if not isinstance(commands, list | tuple):
        return []
    return [
        command[2]
        for command in commands
        if isinstance(command, list | tuple)
        and len(command) > 2
        and isinstance(command[2], dict)
    ]


def _collect(model, vals, found):
    for name, value in vals.items():
        field = model._fields.get(name)
        if field is None or not value:
            continue
        if field.type == "many2one":
            _add(found, field.comodel_name, value)
        elif field.type in ("one2many", "many2many"):
            _collect_commands(model.env[field.comodel_name], value, found)
        elif field.type == "reference":
            _collect_reference(value, found)


def _collect_commands(comodel, commands, found):
    if isinstance(commands, BaseModel):
        found[comodel._name].update(commands.ids)
        return
    if not isinstance(commands, list | tuple):
        _add(found, comodel._name, commands)
        return
    for command in commands:
        if not isinstance(command, list | tuple) or not command:
            _add(found, comodel._name, command)
            continue
        code = command[0]
        if code not in (Command.CREATE, Command.CLEAR, Command.SET):
            _add(found, comodel._name, command[1])
        if code == Command.SET:
            for target in command[2] or ():
                _add(found, comodel._name, target)
        if code in (Command.CREATE, Command.UPDATE) and isinstance(command[2], dict):
            _collect(comodel, command[2], found)


def _collect_reference(value, found):
    if isinstance(value, str) and "," in value:
        name, _sep, record_id = value.partition(",")
        if record_id.isdigit() and int(record_id):
            found[name].add(int(record_id))


def _add(found, model_name, value):
    """Note one target; ids of new records (strings, NewId) point at nothing yet."""
    if isinstance(value, BaseModel):
        found[model_name].update(value.ids)
    elif isinstance(value, dict):
        _add(found, model_name, value.get("id"))
    elif isinstance(value, list | tuple):
        _add(found, model_name, value[0] if value else None)
    elif isinstance(value, float | str):
        _add(found, model_name, int(value) if str(value).isdigit() else None)
    elif isinstance(value, int) and not isinstance(value, bool) and value:
        found[model_name].add(value)
