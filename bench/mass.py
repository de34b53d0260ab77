"""Many copies of one record and of all rows that belong to it, by SQL.

The rows are found by following the foreign keys towards the record; in the copies
every key that points into the set points to the copy. Used where 10,000 enterprises
through the product would take an hour of preparation.
"""

from dataclasses import dataclass, field

# Who wrote a row does not make the row his.
AUTHORS = {"create_uid", "write_uid", "actor_id", "approver_id", "filer_id"}
KEYS = """
    SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
      FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND cardinality(c.conkey) = 1
"""
# Text columns that are unique by themselves, or with columns that are not copied.
UNIQUE = """
    SELECT i.indrelid::regclass::text, array_agg(a.attname),
           array_agg(t.typname) = ARRAY['varchar']::name[]
      FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
      JOIN pg_type t ON t.oid = a.atttypid
     WHERE i.indisunique AND NOT i.indisprimary
     GROUP BY i.indexrelid, i.indrelid
"""


@dataclass
class Rows:
    """Rows of one table: their ids (or keys, in a table without id)."""

    ids: set = field(default_factory=set)
    base: int = 0
    low: int = 0
    span: int = 1


class Mass:
    """Copies of ``roots`` (dict table → ids) with what belongs to them."""

    def __init__(self, cursor, roots, leave=()):
        self.cursor = cursor
        self.leave = set(leave)
        self.keys = self._query(KEYS)
        self.rows = {table: Rows(set(ids)) for table, ids in roots.items()}
        self._has_id = {t for (t,) in self._query(WITH_ID)}
        self._follow()
        self._measure()

    def _query(self, sql, values=None):
        self.cursor.execute(sql, values)
        return self.cursor.fetchall()

    def _follow(self):
        """Add rows that point to rows we have, until there are no more."""
        before = -1
        while before != (before := sum(len(r.ids) for r in self.rows.values())):
            for table, column, target in self.keys:
                if (
                    target in self.rows
                    and table in self._has_id
                    and table not in self.leave
                    and column not in AUTHORS
                ):
                    found = self._query(
                        f'SELECT id FROM {table} WHERE "{column}" = ANY(%s)',
                        [list(self.rows[target].ids)],
                    )
                    if found:
                        rows = self.rows.setdefault(table, Rows())
                        rows.ids.update(key for (key,) in found)

    def _measure(self):
        for table, rows in self.rows.items():
            rows.base = self._query(f"SELECT max(id) FROM {table}")[0][0]
            rows.low = min(rows.ids)
            rows.span = max(rows.ids) - rows.low + 1

    def copy(self, count, **columns):
        """Make the copies.

        :param columns: ``table__column`` = SQL of its value, with ``n`` and ``source``
        """
        special = {}
        for name, value in columns.items():
            table, column = name.split("__")
            special.setdefault(table, {})[column] = value
        self.cursor.execute("SET session_replication_role = replica")
        for table in self.rows:
            values = {**self._unique(table), **special.get(table, {})}
            self._copy(table, count, values)
        self._copy_links(count)
        self.cursor.execute("SET session_replication_role = origin")
        for table in self.rows:
            self.cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                f" (SELECT max(id) FROM {table}))"
            )

    def new(self, table, value):
        """Return the SQL of the id that the copy of ``value`` has."""
        rows = self.rows[table]
        return f"{rows.base} + (n - 1) * {rows.span} + {value} - {rows.low} + 1"

    def _points(self, table):
        """Return ``{column: SQL}`` of the keys that point into the set."""
        found = {}
        for owner, column, target in self.keys:
            if owner == table and target in self.rows:
                value = f'source."{column}"'
                inside = f"{value} IN ({', '.join(map(str, self.rows[target].ids))})"
                new = self.new(target, value)
                found[column] = f"CASE WHEN {inside} THEN {new} ELSE {value} END"
        return found

    def _unique(self, table):
        points = self._points(table)
        found = {}
        for owner, columns, text in self._query(UNIQUE):
            if owner == table and text and not set(columns) & set(points):
                found[columns[0]] = f"source.\"{columns[0]}\" || '-' || n"
        return found

    def _copy(self, table, count, values):
        columns = {"id": self.new(table, "source.id"), **self._points(table), **values}
        pairs = ", ".join(f"'{name}', {value}" for name, value in columns.items())
        self.cursor.execute(
            f"INSERT INTO {table} SELECT copied.* FROM {table} source,"
            f" generate_series(1, %s) AS n, jsonb_populate_record(source,"
            f" jsonb_build_object({pairs})) AS copied WHERE source.id = ANY(%s)",
            [count, list(self.rows[table].ids)],
        )

    def _copy_links(self, count):
        """Copy rows of tables without id: many to many."""
        owners = {table for table, _column, _target in self.keys}
        for table in sorted(owners - self._has_id - self.leave):
            points = self._points(table)
            if not points:
                continue
            mine = " OR ".join(
                f'source."{column}" IN ({", ".join(map(str, self.rows[t].ids))})'
                for owner, column, t in self.keys
                if owner == table and column in points
            )
            pairs = ", ".join(f"'{name}', {value}" for name, value in points.items())
            self.cursor.execute(
                f"INSERT INTO {table} SELECT copied.* FROM {table} source,"
                f" generate_series(1, %s) AS n, jsonb_populate_record(source,"
                f" jsonb_build_object({pairs})) AS copied WHERE {mine}",
                [count],
            )


WITH_ID = """
    SELECT c.oid::regclass::text FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id'
     WHERE c.relkind = 'r' AND a.attnum > 0
"""
