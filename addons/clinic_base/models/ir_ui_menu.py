from odoo import api, models

# Applications the work in the clinic does not need, and who gets them nevertheless.
HIDDEN_APPLICATIONS = {
    "base.menu_management": None,
    "calendar.mail_menu_calendar": None,
    "contacts.menu_contacts": None,
    "hr.menu_hr_root": "hr.group_hr_user",
    "spreadsheet_dashboard.spreadsheet_dashboard_menu_root": None,
    "utm.menu_link_tracker_root": None,
    "website.menu_website_configuration": "website.group_website_restricted_editor",
}


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    def _visible_menu_ids(self, debug=False):
        """Leave to clinic staff the applications they work with.

        Who administers the system sees everything, and so does everybody else.
        """
        visible_ids = super()._visible_menu_ids(debug)
        user = self.env.user
        if user.has_group("base.group_system"):
            return visible_ids
        if not user.has_group("clinic_base.group_staff"):
            return visible_ids
        hidden_ids = {
            self.env["ir.model.data"]._xmlid_to_res_id(menu, raise_if_not_found=False)
            for menu, group in HIDDEN_APPLICATIONS.items()
            if not (group and user.has_group(group))
        }
        return visible_ids - hidden_ids
