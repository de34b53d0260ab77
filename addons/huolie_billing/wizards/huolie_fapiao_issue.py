from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import fapiaofile

TO_DO = ("submitted", "accepted")


class HuolieFapiaoIssue(models.TransientModel):
    """The dialog 开具: numbers and files for one request or for many at once (B8)."""

    _name = "huolie.fapiao.issue"
    _description = "Issue fapiao"

    file_ids = fields.Many2many(comodel_name="ir.attachment", string="Fapiao files")
    line_ids = fields.One2many(
        comodel_name="huolie.fapiao.issue.line", inverse_name="issue_id"
    )
    issued_on = fields.Date(
        string="Issued on",
        required=True,
        default=lambda self: self.env["huolie.enterprise"]._get_today(),
    )
    deliver = fields.Boolean(
        string="Deliver at once",
        default=True,
        help="The file is mailed to the address of the request.",
    )
    unmatched = fields.Char(compute="_compute_unmatched")
    ready = fields.Integer(compute="_compute_ready")
    others = fields.Integer(compute="_compute_others")

    @api.model
    def default_get(self, fields):
        """Take the requests chosen in the list, or the one of the form."""
        values = super().default_get(fields)
        if not values.get("line_ids"):
            ids = self.env.context.get("active_ids") or []
            chosen = self.env["huolie.fapiao"].browse(ids).exists()
            todo = chosen.filtered(lambda x: x.state in TO_DO).sorted("id")
            values["line_ids"] = [(0, 0, {"fapiao_id": one.id}) for one in todo]
        return values

    # === MATCHING FILES === #
    @api.onchange("file_ids")
    def _onchange_file_ids(self):
        """Give each new file to the request that it names."""
        lines, free = self.line_ids, self._get_free_files()
        kept = self.file_ids._origin
        for line in lines.filtered(lambda x: x.file_id._origin not in kept):
            line.file_id = False
        texts = {file: file._get_fapiao_facts() for file in free}
        waiting = {line: line._prepare_wanted() for line in lines if not line.file_id}
        if len(lines) == 1 and len(free) == 1 and waiting:
            found = {free: (lines, set())}
        else:
            found = fapiaofile.assign(texts, waiting)
        for file, (line, _fits) in found.items():
            line.file_id = file
            line.number = texts[file]["number"] or line.number

    @api.depends("file_ids", "line_ids.file_id")
    def _compute_unmatched(self):
        for page in self:
            page.unmatched = ", ".join(page._get_free_files().mapped("name"))

    def _get_free_files(self):
        """Return the files that no line has; the page may hold copies of them."""
        return self.file_ids._origin - self.line_ids.file_id._origin

    @api.depends("line_ids.number", "line_ids.file_id", "line_ids.problem")
    def _compute_ready(self):
        for page in self:
            page.ready = len(page._get_filled().filtered(lambda x: not x.problem))

    @api.depends("line_ids.fapiao_id")
    def _compute_others(self):
        requests = self.env["huolie.fapiao"]
        for page in self:
            page.others = requests.search_count(page._get_next_domain())

    def _get_next_domain(self):
        mine = self.line_ids.fapiao_id.ids
        return [("state", "in", TO_DO), ("id", "not in", mine)]

    def _get_filled(self):
        return self.line_ids.filtered(lambda line: line.number or line.file_id)

    # === ISSUING === #
    def action_issue(self):
        """Accept, issue and (if ticked) deliver every request with number and file.

        :raise AccessError: when the user is not finance
        :raise UserError: names each line that is not right; then nothing is issued
        """
        self.ensure_one()
        self.env["huolie.recharge"]._check_finance()
        filled = self._get_filled()
        if not filled:
            raise UserError(self.env._("Upload the files, or write the numbers."))
        wrong = filled.filtered("problem")
        if wrong:
            rows = [f"{line.fapiao_id.title}: {line.problem}" for line in wrong]
            raise UserError("\n".join(rows))
        for line in filled:
            line.fapiao_id._issue(line._prepare_issue_vals(), self.deliver)
        self.file_ids.sudo().unlink()
        return self._get_done_action(len(filled))

    def action_issue_next(self):
        """Issue, and go on with the oldest request that waits.

        :return: the same dialog for the next request
        """
        done = self.action_issue()
        following = self.env["huolie.fapiao"].search(
            self._get_next_domain(), order="id", limit=1
        )
        return following.action_open_issue() if following else done

    def _get_done_action(self, count):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s fapiao issued.", count),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
