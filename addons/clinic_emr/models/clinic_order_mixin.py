from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

STATES = [
    ("draft", "Draft"),
    ("active", "Active"),
    ("completed", "Completed"),
    ("revoked", "Revoked"),
]


class ClinicOrderMixin(models.AbstractModel):
    """What a specialist orders for a patient: in a visit, or later from the record.

    Given, an order stays as it was written; it is completed or revoked with a reason.
    """

    _name = "clinic.order.mixin"
    _description = "Order of a Specialist"
    _inherit = ["clinic.record.part", "clinic.frozen.mixin"]
    _order = "ordered_at desc nulls first, id desc"

    _medical_author_path = "specialist_id.user_id"
    # the code of the sequence that numbers the orders
    _order_sequence = None

    specialist_id = fields.Many2one(
        "clinic.specialist",
        string="Ordered By",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self._default_specialist_id(),
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", index=True, copy=False
    )
    ordered_at = fields.Datetime(string="Ordered On", readonly=True, copy=False)
    closed_at = fields.Datetime(string="Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    revoke_reason = fields.Char(
        string="Why Revoked", readonly=True, copy=False, exportable=False
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")

    @api.model
    def _default_specialist_id(self):
        return self.env["clinic.specialist"].search(
            [("user_id", "=", self.env.uid)], limit=1
        )

    @api.depends("specialist_id.user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for order in self:
            order.is_mine = order.specialist_id.user_id == self.env.user

    @api.depends("name", "ordered_at")
    def _compute_display_name(self):
        for order in self:
            moment = order.ordered_at or order.create_date or fields.Datetime.now()
            order.display_name = self._dated_name(order.name, moment)

    @api.model_create_multi
    def create(self, vals_list):
        # before a number is used up
        self.browse().check_access("create")
        own = self.env["clinic.specialist"]
        if not self.env.su:
            own = self._default_specialist_id()
        for vals in vals_list:
            vals["name"] = self.env["ir.sequence"].next_by_code(self._order_sequence)
            if own:
                vals["specialist_id"] = own.id
        return super().create(vals_list)

    @api.model
    def _system_fields(self):
        return super()._system_fields() | {
            "specialist_id",
            "ordered_at",
            "closed_at",
            "closed_by_id",
            "revoke_reason",
        }

    @api.model
    def _frozen_sentence(self, names):
        return self.env._(
            "%(orders)s: this was ordered already and stays as it is. Revoke it and "
            "order anew.",
            orders=names,
        )

    def _check_own(self):
        if not self.env.su and not all(self.mapped("is_mine")):
            raise AccessError(
                self.env._("Only the specialist who wrote the order may do this.")
            )

    # === ACTIONS === #

    def action_activate(self):
        """Give the orders: from now on they stand."""
        self._activate()
        return True

    def action_revoke(self):
        """Ask for the reason, then revoke."""
        self._check_own()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revoke"),
            "res_model": "clinic.order.revoke",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_model": self._name, "default_order_ids": self.ids},
        }

    # === BUSINESS === #

    def _activate(self):
        drafts = self.filtered(lambda order: order.state == "draft")
        drafts._check_own()
        drafts._check_can_activate()
        # sudo: the state is nobody's to write; the author has been checked
        drafts.sudo().write({"state": "active", "ordered_at": fields.Datetime.now()})
        drafts._after_activate()

    def _check_can_activate(self):
        """Raise UserError on an order that must not be given. Extend, call super."""

    def _after_activate(self):
        """Called on orders just given. Extend, call super."""

    def _close(self, state, **vals):
        # sudo: the state is nobody's to write; the callers check who asks
        self.sudo().write(
            {
                "state": state,
                "closed_at": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
                **vals,
            }
        )

    def _reopen(self):
        """Take back the completion of orders: what completed them was a mistake."""
        completed = self.filtered(lambda order: order.state == "completed")
        # sudo: the state is nobody's to write; the callers check who asks
        completed.sudo().write(
            {"state": "active", "closed_at": False, "closed_by_id": False}
        )
        completed._after_reopen()

    def _after_reopen(self):
        """Called on orders that stand again. Extend, call super."""

    def _revoke(self, reason):
        self._check_own()
        if not (reason or "").strip():
            raise UserError(self.env._("Write why the order is revoked."))
        if closed := self.filtered(
            lambda order: order.state not in ("draft", "active")
        ):
            raise UserError(
                self.env._(
                    "%(orders)s: this is closed already and can't be revoked.",
                    orders=", ".join(closed.mapped("display_name")),
                )
            )
        self._close("revoked", revoke_reason=reason)
        self._after_revoke()

    def _after_revoke(self):
        """Called on orders just revoked. Extend, call super."""
