from odoo import models

from ..services import fapiaofile


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _get_fapiao_facts(self):
        """Return what an uploaded fapiao file says: ``name text number``."""
        self.ensure_one()
        text = fapiaofile.read_text(self.raw or b"")
        number = fapiaofile.find_number(self.name, text)
        return {"name": self.name or "", "text": text, "number": number}
