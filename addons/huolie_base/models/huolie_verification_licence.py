import base64
import binascii

from odoo import fields, models
from odoo.exceptions import UserError

from ..services import licence


class HuolieVerification(models.Model):
    """The file of the licence: checked, cleaned and private."""

    _inherit = "huolie.verification"

    licence_upload = fields.Binary(
        string="Business licence",
        compute="_compute_licence_upload",
        inverse="_inverse_licence_upload",
        help="JPG, PNG or PDF, at most 10 MB",
    )
    licence_name = fields.Char(string="File of the licence", copy=False)
    # Read by /huolie/licence alone, which logs every viewing.
    licence_data = fields.Binary(
        string="Licence data",
        attachment=True,
        groups=fields.NO_ACCESS,
        copy=False,
        readonly=True,
    )
    licence_mime = fields.Char(string="Licence", readonly=True, copy=False)
    view_ids = fields.One2many(
        comodel_name="huolie.licence.view",
        inverse_name="verification_id",
        string="Viewings of the licence",
        groups="huolie_base.group_operator_reviewer",
    )

    def _compute_licence_upload(self):
        self.licence_upload = False

    def _inverse_licence_upload(self):
        for record in self:
            if record.licence_upload:
                record._store_licence(record.licence_upload)

    def _store_licence(self, encoded):
        """Check a file by its content and keep it, cleaned and private.

        :raise UserError: says what is wrong with the file
        """
        self.ensure_one()
        try:
            mime, data = licence.clean(base64.b64decode(encoded))
            self._scan_file(data)
        except (licence.LicenceError, binascii.Error) as error:
            raise UserError(self._get_licence_fault(str(error))) from error
        self.sudo().write(
            {"licence_data": base64.b64encode(data), "licence_mime": mime}
        )

    def _scan_file(self, data):
        """Hook for a virus scanner.

        :param bytes data: the cleaned file
        :raise licence.LicenceError: ``active`` when the file is dangerous
        """

    def _get_licence_fault(self, fault):
        _ = self.env._
        texts = {
            "empty": _("The file of the licence is empty. Please choose another."),
            "big": _("The file of the licence is larger than 10 MB."),
            "kind": _("The licence must be a JPG or PNG picture or a PDF document."),
            "cut": _(
                "The picture is incomplete: it was cut off while it was copied. Please"
                " save it again and choose it anew."
            ),
            "active": _(
                "The PDF contains scripts or attachments. Print it to a new PDF."
            ),
        }
        broken = _("The file of the licence cannot be opened. Please choose another.")
        return texts.get(fault, broken)

    def _copy_licence(self, draft):
        source = self.sudo()
        draft.sudo().write(
            {
                "licence_data": source.licence_data,
                "licence_mime": source.licence_mime,
                "licence_name": source.licence_name,
            }
        )
