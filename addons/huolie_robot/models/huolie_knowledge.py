from odoo import api, fields, models
from odoo.tools import SQL

from ..services.index import Index, IndexCache

# Per process; an enterprise of 200 questions takes about 1.5 MB.
_CACHE = IndexCache(limit=256 * 1024 * 1024)


class HuolieKnowledge(models.Model):
    _name = "huolie.knowledge"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Knowledge base of an enterprise"
    _rec_name = "enterprise_id"

    # Counts the changes: a process that holds an older index builds it anew. The
    # caches of the ORM are shared by all enterprises, so they are not used for this.
    version = fields.Integer(readonly=True, default=0)

    _enterprise_uniq = models.UniqueIndex("(enterprise_id)")

    @api.model
    def _bump(self, enterprises):
        """Say, in this transaction, that the questions of ``enterprises`` changed."""
        for enterprise in enterprises.sorted("id"):
            self.env.execute_query(
                SQL(
                    """INSERT INTO huolie_knowledge (enterprise_id, version)
                       VALUES (%s, 1) ON CONFLICT (enterprise_id)
                       DO UPDATE SET version = huolie_knowledge.version + 1
                       RETURNING version""",
                    enterprise.id,
                )
            )

    @api.model
    def _get_index(self, enterprise):
        """Return the matcher's index of an enterprise, built when it is stale."""
        self.env["huolie.faq"].flush_model()
        self.env["huolie.faq.phrase"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT version FROM huolie_knowledge WHERE enterprise_id = %s",
                enterprise.id,
            )
        )
        version = rows[0][0] if rows else 0
        key = (self.env.cr.dbname, enterprise.id)
        return _CACHE.get(key, version, lambda: self._build_index(enterprise))

    @api.model
    def _build_index(self, enterprise):
        phrases = self._get_phrases(enterprise)
        rows = self.env.execute_query(
            SQL(
                """SELECT id, name, match_mode, keywords, excluded_keywords
                   FROM huolie_faq WHERE enterprise_id = %s AND active ORDER BY id""",
                enterprise.id,
            )
        )
        faq = self.env["huolie.faq"]
        return Index(
            [
                {
                    "id": faq_id,
                    "phrases": [name, *phrases.get(faq_id, ())],
                    "mode": mode,
                    "keywords": [w.split("+") for w in faq._split_words(keywords)],
                    "excluded": faq._split_words(excluded),
                }
                for faq_id, name, mode, keywords, excluded in rows
            ]
        )

    @api.model
    def _get_phrases(self, enterprise):
        phrases = {}
        rows = self.env.execute_query(
            SQL(
                """SELECT faq_id, name FROM huolie_faq_phrase
                   WHERE enterprise_id = %s ORDER BY id""",
                enterprise.id,
            )
        )
        for faq_id, name in rows:
            phrases.setdefault(faq_id, []).append(name)
        return phrases
