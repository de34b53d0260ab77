import base64

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
]
SEE = ("huolie_base.group_account_see", "huolie_base.group_operator_reviewer")


class Licence(http.Controller):
    @http.route("/huolie/licence/<int:verification_id>", type="http", auth="user")
    def licence(self, verification_id, **kwargs):
        """Send a licence file to its enterprise's admins and to reviewers (A4).

        Every viewing is logged. Not yours and not there give the same answer.
        """
        record = request.env["huolie.verification"].browse(verification_id).exists()
        if not record or not self._may_see(record):
            raise NotFound()
        record = record.sudo()
        if not record.licence_data:
            raise NotFound()
        self._log(record)
        data = base64.b64decode(record.licence_data)
        return request.make_response(data, self._prepare_headers(record, data))

    def _may_see(self, record):
        if not any(request.env.user.has_group(group) for group in SEE):
            return False
        try:
            record.check_access("read")
        except AccessError:
            return False
        return True

    def _log(self, record):
        request.env["huolie.licence.view"].sudo().create(
            {
                "enterprise_id": record.enterprise_id.id,
                "verification_id": record.id,
                "user_id": request.env.uid,
                "address": request.httprequest.remote_addr,
            }
        )

    def _prepare_headers(self, record, data):
        shown = record.licence_mime in ("image/png", "image/jpeg")
        extension = record.licence_mime.split("/")[1]
        name = f"licence-{record.id}.{extension}"
        return [
            ("Content-Type", record.licence_mime),
            ("Content-Length", str(len(data))),
            (
                "Content-Disposition",
                f"{'inline' if shown else 'attachment'}; filename={name}",
            ),
            *HEADERS,
        ]
