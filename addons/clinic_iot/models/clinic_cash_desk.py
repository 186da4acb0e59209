from odoo import api, fields, models, tools
from odoo.fields import Domain

TAX_SYSTEMS = [
    ("1", "General"),
    ("2", "Simplified: income"),
    ("4", "Simplified: income less expenses"),
    ("16", "Agricultural"),
    ("32", "Patent"),
]


class ClinicCashDesk(models.Model):
    """A place where money is taken, with its journals and its devices.

    A desk without a register takes money as any other; it says that no receipts are
    printed. The Internet has a desk too: its register prints what is paid online.
    """

    _name = "clinic.cash.desk"
    _description = "Cash Desk"
    _order = "branch_id, sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    branch_id = fields.Many2one(
        "clinic.branch", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="branch_id.company_id", store=True, index=True)
    cash_journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journals",
        store=True,
        readonly=False,
        domain="[('type', '=', 'cash'), ('company_id', 'parent_of', company_id)]",
        help="The drawer of this desk: what it holds is the balance of this journal.",
    )
    card_journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journals",
        store=True,
        readonly=False,
        domain="[('type', 'in', ('bank', 'credit')), "
        "('company_id', 'parent_of', company_id)]",
    )
    register_id = fields.Many2one(
        "clinic.iot.device",
        string="Fiscal Register",
        index="btree_not_null",
        domain="[('type', '=', 'fiscal_data_module')]",
        ondelete="restrict",
        help="Empty: money is taken, no receipts are printed.",
    )
    terminal_id = fields.Many2one(
        "clinic.iot.device",
        string="Card Terminal",
        domain="[('type', '=', 'payment')]",
        ondelete="restrict",
        help="Empty: the terminal stands alone, and the cashier says that it is paid.",
    )
    printer_id = fields.Many2one(
        "clinic.iot.device",
        string="Slip Printer",
        domain="[('type', '=', 'printer')]",
        ondelete="restrict",
    )
    scanner_id = fields.Many2one(
        "clinic.iot.device",
        index="btree_not_null",
        domain="[('type', '=', 'scanner')]",
        ondelete="restrict",
        help="A scanner that is a keyboard needs no entry here.",
    )
    opens_drawer = fields.Boolean(
        string="Opens the Drawer",
        default=True,
        help="By the register, or else by the slip printer, when cash is taken.",
    )
    tax_system = fields.Selection(TAX_SYSTEMS, required=True, default="2")
    is_internet = fields.Boolean(
        string="Prints What Is Paid Online",
        help="The receipt names the site and goes to the phone or mail of the payer.",
    )
    site = fields.Char(
        string="Address of the Site",
        help="Printed on receipts of payments on the Internet (tag 1187).",
    )
    user_ids = fields.Many2many(
        "res.users",
        "clinic_cash_desk_users_rel",
        "desk_id",
        "user_id",
        string="Who Works Here",
        help="Empty: everybody who may take payments.",
    )
    credit_from = fields.Date(
        string="Unpaid Visits on Credit From",
        default=fields.Date.context_today,
        help="When the last shift of the branch is closed, a receipt on credit (tag "
        "1214 = 6) is printed for each visit of a private patient that is over and not "
        "paid, from this day on. Empty: none is printed.",
    )
    shift_ids = fields.One2many("clinic.cash.shift", "desk_id")

    _internet_once = models.UniqueIndex(
        "(company_id) WHERE is_internet AND active",
        "Another desk prints what is paid online already.",
    )
    _drawer_once = models.UniqueIndex(
        "(cash_journal_id) WHERE active AND NOT coalesce(is_internet, false)",
        "Another desk keeps its cash in this journal: give each drawer its own.",
    )
    _internet_has_site = models.Constraint(
        "CHECK(NOT coalesce(is_internet, false) OR coalesce(site, '') <> '')",
        "A receipt of a payment on the Internet names the site: enter its address.",
    )

    @api.depends("branch_id", "is_internet")
    def _compute_journals(self):
        for desk in self:
            # Sudo: who sets up desks is the administrator, who is no accountant.
            branch_sudo = desk.branch_id.sudo()
            company_sudo = branch_sudo.company_id
            journals = company_sudo._clinic_journals(branch_sudo)
            taken = (
                desk.sudo()
                .search(
                    Domain("cash_journal_id", "=", journals["cash"].id)
                    & Domain("id", "not in", desk._origin.ids)
                )
                .cash_journal_id
            )
            if desk.is_internet:
                desk.cash_journal_id = False
            elif not desk.cash_journal_id and not taken:
                desk.cash_journal_id = journals["cash"].with_env(desk.env)
            desk.card_journal_id = desk.card_journal_id or (
                journals["card"].with_env(desk.env)
            )

    @api.model_create_multi
    def create(self, vals_list):
        desks = super().create(vals_list)
        desks._open_drawers()
        self._clear()
        return desks

    def write(self, vals):
        result = super().write(vals)
        self._clear()
        return result

    def unlink(self):
        self._clear()
        return super().unlink()

    def _clear(self):
        self.env.registry.clear_cache()

    @api.model
    def _open_for_branches(self, branches=None):
        """Give each branch without a desk its first one; all on installation."""
        if branches is None:
            branches = self.env["clinic.branch"].search([])
        known = self.with_context(active_test=False).search([]).branch_id
        return self.create(
            [
                {"name": self.env._("Reception"), "branch_id": branch.id}
                for branch in branches - known
            ]
        )

    def _open_drawers(self):
        """Give desks their cash journals: a second one of a branch has its own."""
        bare = self.filtered(
            lambda desk: not desk.cash_journal_id and not desk.is_internet
        )
        # The branch may have got its journals after its desk.
        bare._compute_journals()
        for desk in bare.filtered(lambda desk: not desk.cash_journal_id):
            # Sudo: who sets up desks is the administrator, who is no accountant.
            branch_sudo = desk.branch_id.sudo()
            company_sudo = branch_sudo.company_id
            if company_sudo.chart_template:
                desk.cash_journal_id = company_sudo._clinic_create_journal(
                    branch_sudo._clinic_free_code("CSH"), "cash", branch=branch_sudo
                )

    # Who is where --------------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _with_register(self):
        """Return the ids of the companies that print receipts at all."""
        self.env.cr.execute(
            """SELECT DISTINCT company_id FROM clinic_cash_desk
                WHERE active AND register_id IS NOT NULL"""
        )
        return frozenset(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _allowed(self):
        """Return the desks at which the user may work, of the chosen companies."""
        desks = self.search(
            [("company_id", "in", self.env.companies.ids), ("is_internet", "=", False)]
        )
        return desks.filtered(
            lambda desk: not desk.user_ids or self.env.user in desk.user_ids
        )

    @api.model
    def _current(self, desk_id=None):
        """Return the desk of this browser, else the user's last one, else none."""
        # Sudo: one's own choice, which a user may not read on users.
        chosen = self.browse(desk_id or self.env.user.sudo().clinic_desk_id.id)
        return chosen & self._allowed() if chosen else chosen

    def _choose(self):
        """Remember that the user works here now."""
        self.ensure_one()
        # Sudo: who takes money sets up no desks.
        self.sudo()._open_drawers()
        # Sudo: a user may not write on users.
        user_sudo = self.env.user.sudo()
        if user_sudo.clinic_desk_id != self:
            user_sudo.clinic_desk_id = self

    def _open_shift(self):
        """Return the shift that is open here, if any."""
        return self.env["clinic.cash.shift"].search(
            [("desk_id", "in", self.ids), ("state", "=", "open")], limit=1
        )

    def _can_print(self):
        """Tell whether receipts of this desk are printed."""
        self.ensure_one()
        return bool(self.register_id)

    def _drawer_device(self):
        """Return the device the drawer is wired to."""
        self.ensure_one()
        devices = (self.register_id | self.printer_id).filtered(
            lambda device: "drawer" in (device.kinds or [])
        )
        return devices[:1]
