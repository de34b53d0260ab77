"""Tries, as one person, every way to another enterprise's rows; notes what leaks."""

import inspect
import json
from collections import Counter

from odoo.tools import mute_logger

QUIET = (
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.sql_db",
    "odoo.models",
    "odoo.models.unlink",
)
# On every model; each has a way of its own here.
BASE_METHODS = {"create", "default_get", "load", "onchange", "write"}
GROUPABLE = ("many2one", "many2many", "selection", "char", "boolean", "date")


class Prober:
    """One person (`user`) against one other enterprise (`victim`).

    :param thorough: every text of related records, and two relations away, which
        takes as long again
    """

    def __init__(self, factory, user, victim, own, thorough=False):
        self.factory, self.user, self.thorough = factory, user, thorough
        self.victim, self.own = victim, own
        self.root = factory.env
        self.env = self.root(user=user.id, su=False, context={"lang": "en_US"})
        self.marker = factory.marker(victim)
        self.findings, self.counts = [], Counter()
        self.foreign = self._foreign()
        self.before = self._snapshot()

    def _foreign(self):
        """The victim's rows: made by the factory, and all others that are marked."""
        rows = {}
        for (name, enterprise_id), row in self.factory.rows.items():
            if enterprise_id == self.victim.id:
                rows[name] = row.with_env(self.root)
        for name in self.root.registry.models:
            model = self.root[name]
            field = model._fields.get("enterprise_id")
            if field and field.store and model._auto and not model._abstract:
                domain = [("enterprise_id", "=", self.victim.id)]
                found = model.with_context(active_test=False).search(domain)
                rows[name] = rows.get(name, model) | found
        rows["res.users"] = self.factory.people(self.victim)
        return {name: row for name, row in rows.items() if row}

    # === ONE TRY === #
    def attempt(self, way, name, call, writes=False):
        """Run one call; whatever it answers must hold nothing of the victim."""
        self.counts[name, way] += 1
        try:
            with mute_logger(*QUIET), self._sandbox():
                answer = call()
                self._judge(way, name, answer, writes)
                raise _Undo
        except _Undo:
            pass
        except Exception as error:
            # a refusal must not tell anything either; but an oracle's question holds
            # the victim's words itself
            if way != "oracle":
                self._look(way, name, str(error))
        finally:
            self.root.invalidate_all()

    def _sandbox(self):
        self.root.flush_all()
        return self.root.cr.savepoint(flush=False)

    def _judge(self, way, name, answer, writes):
        if writes:
            self.root.flush_all()
            self._compare(way, name)
        self._look(way, name, self._text(answer))

    def _look(self, way, name, text):
        if self.marker in text:
            place = text.index(self.marker)
            self.report(way, name, text[max(0, place - 60) : place + 40])

    def _text(self, answer):
        if hasattr(answer, "_ids") and hasattr(answer, "_name"):
            mine = self.foreign.get(answer._name)
            leaked = set(answer._ids) & set(mine._ids if mine else ())
            return self.marker if leaked else ""
        try:
            return json.dumps(answer, default=str, ensure_ascii=False)
        except (TypeError, ValueError):
            return repr(answer)

    def report(self, way, name, detail):
        self.findings.append((way, name, " ".join(str(detail).split())))

    # === WHAT THE VICTIM HAS === #
    def _snapshot(self):
        self.root.flush_all()
        found = {}
        for name, rows in self.foreign.items():
            self.root.cr.execute(
                f'SELECT id, md5(t::text) FROM "{rows._table}" t WHERE id IN %s',
                [tuple(rows.ids)],
            )
            found[name] = dict(self.root.cr.fetchall())
        return found

    def _compare(self, way, name):
        after = self._snapshot()
        for model, rows in self.before.items():
            if after[model] != rows:
                self.report(way, name, f"changed {model}")
        for model in self.foreign:
            self._count_new(way, name, model)

    def _count_new(self, way, name, model):
        """A row that appeared on the victim's side was written into it."""
        records = self.root[model]
        if (
            "enterprise_id" in records._fields
            and records._fields["enterprise_id"].store
        ):
            domain = [("enterprise_id", "=", self.victim.id)]
            records = records.with_context(active_test=False)
            if set(records.search(domain)._ids) - set(self.foreign[model]._ids):
                self.report(way, name, f"added to {model}")

    # === ALL WAYS === #
    def run(self):
        for name in sorted(self.root.registry.models):
            model = self.env[name]
            if model._abstract:
                continue
            self.reading(name, model)
            if model.has_access("read"):
                self.grouping(name, model)
                self.oracles(name, model)
            self.writing(name, model)
            self.references(name, model)
            self.methods(name, model)
        self.chatter()
        return self.findings

    def reading(self, name, model):
        fields = [f for f, field in model._fields.items() if field.store or f == "id"]
        spec = {
            f: {"fields": {"display_name": {}}} if model._fields[f].relational else {}
            for f in fields
        }
        every = model.with_context(active_test=False)
        self.attempt("search", name, lambda: every.search([]))
        self.attempt("search_read", name, lambda: every.search_read([]))
        self.attempt("web_search_read", name, lambda: every.web_search_read([], spec))
        self.attempt("name_search", name, lambda: model.name_search(self.marker))
        self.attempt(
            "web_name_search",
            name,
            lambda: model.web_name_search(self.marker, {"display_name": {}}),
        )
        rows = self.foreign.get(name)
        if rows is not None:
            mine = model.browse(rows.ids)
            self.attempt("read", name, lambda: mine.read())
            self.attempt("read name", name, lambda: mine.read(["display_name"]))
            self.attempt("web_read", name, lambda: mine.web_read(spec))
            exported = [f for f in fields if model._fields[f].exportable]
            # One by one: a field that is refused must not hide the others.
            for field in exported:
                self.attempt("export", name, lambda f=field: mine.export_data([f]))

    def grouping(self, name, model):
        for field in model._fields.values():
            if field.type not in GROUPABLE or not field.store:
                continue
            by = f"{field.name}:day" if field.type == "date" else field.name
            self.attempt(
                "group",
                name,
                lambda by=by: model.formatted_read_group([], [by], ["__count"]),
            )
            self.attempt(
                "web_read_group",
                name,
                lambda by=by: model.web_read_group(
                    [], [by], unfold_read_specification={"display_name": {}}
                ),
            )
            if field.type in ("many2one", "selection"):
                self._grouping_more(name, model, field.name)
                self.attempt(
                    "search panel",
                    name,
                    lambda f=field.name: model.search_panel_select_range(
                        f, enable_counters=True
                    ),
                )
            if field.type in ("many2one", "many2many", "selection"):
                self.attempt(
                    "search panel",
                    name,
                    lambda f=field.name: model.search_panel_select_multi_range(
                        f, enable_counters=True
                    ),
                )

    def _grouping_more(self, name, model, by):
        self.attempt(
            "grouping sets",
            name,
            lambda: model.formatted_read_grouping_sets([], [[by], []], ["__count"]),
        )
        bar = {"field": "id", "colors": {}}
        self.attempt("progress bar", name, lambda: model.read_progress_bar([], by, bar))

    def oracles(self, name, model):
        """Can a search by the victim's words be told from a search by nonsense?"""
        for field in model._fields.values():
            if not (field.store or field.search) or not field.relational:
                continue
            for path in self._paths(field.comodel_name):
                self._oracle(name, model, f"{field.name}.{path}")
        for field in model._fields.values():
            if field.type in ("char", "text", "html") and field.store:
                self._oracle(name, model, field.name)

    def _paths(self, name):
        """Paths from a model to words that could be the victim's."""
        comodel, paths = self.root[name], []
        if name in self.foreign and self.thorough:
            paths = [
                field.name
                for field in comodel._fields.values()
                if field.store and field.type in ("char", "text")
            ]
        elif comodel._rec_name:
            paths = [comodel._rec_name]
        for field in comodel._fields.values() if self.thorough else ():
            if field.store and field.type == "many2one":
                last = self.root[field.comodel_name]._rec_name
                paths += [f"{field.name}.{last}"] if last else []
        return paths

    def _oracle(self, name, model, path):
        def ask():
            count = model.search_count([(path, "ilike", self.marker)])
            return self.marker if count else ""

        self.attempt("oracle", f"{name}.{path}", ask)

    def writing(self, name, model):
        rows = self.foreign.get(name)
        if rows is None:
            return
        mine = model.browse(rows.ids[:1])
        text = self._text_field(model)
        vals = {text: "changed"} if text else {}
        self._changing(name, mine, vals)
        if "sequence" in model._fields:
            every = model.browse(rows.ids)
            self.attempt(
                "sequence",
                name,
                lambda: every.web_resequence({}, field_name="sequence"),
                writes=True,
            )
        self._creating(name, model, vals)
        self.attempt(
            "load",
            name,
            lambda: model.load([".id", text or "id"], [[str(mine.id), "changed"]]),
            writes=True,
        )
        self._load_by_name(name, model, mine.sudo(), text)

    def _text_field(self, model):
        """Name of some text that people may write, if there is one."""
        return next(
            (
                f.name
                for f in model._fields.values()
                if f.type in ("char", "text") and f.store and not f.readonly
            ),
            None,
        )

    def _changing(self, name, mine, vals):
        unbound = mine.with_context(_force_unlink=True)
        for way, call in (
            ("write", lambda: mine.write(vals)),
            ("web_save", lambda: mine.web_save(vals, {})),
            ("unlink", lambda: mine.unlink()),
            ("archive", lambda: mine.action_archive()),
            ("unlink", lambda: unbound.unlink()),
            ("copy", lambda: mine.copy().read()),
        ):
            self.attempt(way, name, call, writes=True)

    def _creating(self, name, model, vals):
        """New rows for the victim, named plainly and by context."""
        given = {"enterprise_id": self.victim.id, **vals}
        default = model.with_context(default_enterprise_id=self.victim.id)
        for call in (lambda: model.create(given), lambda: default.create(vals)):
            self.attempt("create for", name, call, writes=True)

    def _load_by_name(self, name, model, target, text):
        """Import over the external id of the victim's row, plainly and by context."""
        data = {
            "module": "huolie_base",
            "name": f"probe_{target._name}_{target.id}".replace(".", "_"),
            "model": target._name,
            "res_id": target.id,
        }
        for module in ("__import__", "huolie_base"):
            xmlid = {**data, "module": module}
            named = model.with_context(module="huolie_base")

            def call(xmlid=xmlid, named=named):
                self.root["ir.model.data"].create(xmlid)
                ids = [xmlid["name"], f"{xmlid['module']}.{xmlid['name']}"]
                return named.load(["id", text or "id"], [[i, "changed"] for i in ids])

            self.attempt("load", name, call, writes=True)

    def references(self, name, model):
        """Point own rows, and forms, at the victim's rows."""
        if not (model.has_access("create") or model.has_access("write")):
            return
        row = self.factory.rows.get((name, self.own.id))
        own = model.browse(row.id) if row is not None else model
        for field in model._fields.values():
            if not field.relational or field.comodel_name not in self.foreign:
                continue
            target = self.foreign[field.comodel_name].ids[0]
            value = target if field.type == "many2one" else [(4, target)]
            where = f"{name}.{field.name}"
            self._refer(where, model, own, field, value)
            if field.type != "many2one":
                for command in (
                    [(6, 0, [target])],
                    [(1, target, {})],
                    [(2, target)],
                    [(3, target)],
                ):
                    self._write_read("x2many", where, own, field, command)

    def _refer(self, where, model, own, field, value):
        spec = {field.name: {"fields": {"display_name": {}}}}
        context = {f"default_{field.name}": value}
        made = model.with_context(**context)
        self.attempt("default_get", where, lambda: made.default_get([field.name]))
        self.attempt("onchange default", where, lambda: made.onchange({}, [], spec))
        self.attempt(
            "onchange",
            where,
            lambda: model.onchange({field.name: value}, [field.name], spec),
        )
        self._write_read("reference", where, own, field, value)
        if own:
            self.attempt(
                "copy to",
                where,
                lambda: own.copy({field.name: value}).web_read(spec),
                writes=True,
            )

    def _write_read(self, way, where, own, field, value):
        if not own:
            return
        spec = {field.name: {"fields": {"display_name": {}}}}

        def call():
            own.write({field.name: value})
            own.flush_recordset()
            own.invalidate_recordset()
            return own.web_read(spec)

        self.attempt(way, where, call, writes=True)

    def methods(self, name, model):
        """Call every public method of the suite on the victim's rows."""
        for method in suite_methods(type(model)):
            if method in BASE_METHODS and not name.startswith("huolie."):
                continue
            rows = self.foreign.get(name, model)
            mine = model.browse(rows.ids[:1])
            function = getattr(mine, method)
            arguments = self._arguments(function)
            if arguments is not None:
                self.attempt(
                    "method",
                    f"{name}.{method}",
                    lambda function=function, args=arguments: function(*args),
                    writes=True,
                )

    def _arguments(self, function):
        """Arguments that aim at the victim, as far as names tell."""
        found = []
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if parameter.default is not parameter.empty:
                continue
            found.append(self._argument(parameter.name))
        return found

    def _argument(self, name):
        for model in self.foreign:
            last = model.rsplit(".", 1)[-1]
            if name in (f"{last}_id", last):
                return self.foreign[model].ids[0]
            if name in (f"{last}_ids", f"{last}s"):
                return self.foreign[model].ids
        return {"values": {}, "vals": {}, "domain": []}.get(name, 1)

    def chatter(self):
        partner = self.victim.sudo().partner_id
        people = self.foreign["res.users"].partner_id.ids
        for name, rows in self.foreign.items():
            thread = self.env[name].browse(rows.ids[0])
            if not hasattr(thread, "message_post"):
                continue
            self.attempt(
                "post on", name, lambda t=thread: t.message_post(body="x"), writes=True
            )
            self.attempt(
                "follow",
                name,
                lambda t=thread: t.message_subscribe(self.user.partner_id.ids) and None,
                writes=True,
            )
            row = self.factory.rows.get((name, self.own.id))
            if row is not None:
                own = self.env[name].browse(row.id)
                self.attempt("post to", name, lambda o=own: self._post_to(o, people))
        self.attempt(
            "notify",
            "mail.thread",
            lambda: self.env["mail.thread"].message_notify(
                body="x", partner_ids=[partner.id, *people]
            ),
        )
        self.attempt("attach", "ir.attachment", lambda: self._attach(), writes=True)

    def _post_to(self, own, people):
        message = own.message_post(body="x", partner_ids=people)
        reached = set(message.sudo().notified_partner_ids.ids) & set(people)
        return self.marker if reached else ""

    def _attach(self):
        customer = self.foreign["res.partner"][0]
        return (
            self.env["ir.attachment"]
            .create({"name": "x", "res_model": "res.partner", "res_id": customer.id})
            .read(["name"])
        )


class _Undo(Exception):
    """Ends a try that went through, so that nothing of it stays."""


def suite_methods(model_class):
    """Public methods that the suite defines on a model: each one is an endpoint."""
    found = set()
    for cls in model_class.__mro__:
        if not cls.__module__.startswith("odoo.addons.huolie_"):
            continue
        for name, value in vars(cls).items():
            if name.startswith("_") or not inspect.isfunction(value):
                continue
            # a field of the same name hides a method of `base`
            if not callable(getattr(model_class, name)):
                continue
            if not _is_private(model_class, name):
                found.add(name)
    return sorted(found)


def _is_private(model_class, name):
    """Odoo refuses a method by RPC when any class below marked it private."""
    return any(
        getattr(vars(cls).get(name), "_api_private", False)
        for cls in model_class.__mro__
    )
