"""What a device's trouble is called: by its code, in the language of who reads it."""

from odoo import api, fields, models

# Their sentences say what exactly is wrong: ours comes before them.
DETAILED = ("bad_receipt", "bad_barcode", "bad_slip", "refused")


class ClinicIotDevice(models.Model):
    _inherit = "clinic.iot.device"

    trouble = fields.Char(string="What Is Wrong", compute="_compute_trouble")

    @api.depends("condition_code", "condition_message")
    @api.depends_context("lang")
    def _compute_trouble(self):
        for device in self:
            device.trouble = device._trouble_words(
                device.condition_code, device.condition_message
            )

    @api.model
    def _trouble_words(self, code, said=None):
        """Return what a code of the box means; ``said`` where we do not know it."""
        words = self._words_of_troubles().get(code)
        if not words:
            return said or code or False
        return f"{words}: {said}" if said and code in DETAILED else words

    @api.model
    def _words_of_troubles(self):
        return {**self._words_of_registers(), **self._words_of_others()}

    @api.model
    def _words_of_registers(self):
        _ = self.env._
        return {
            "fn_state": _("The fiscal storage is in another state"),
            "fn_error": _("The fiscal storage is broken"),
            "fn_no_data": _("The fiscal storage does not have this document"),
            "fn_full": _("The fiscal storage is full: it has to be replaced"),
            "fn_expired": _("The fiscal storage has expired: it has to be replaced"),
            "fn_ofd": _("Documents have waited for the ОФД longer than 30 days"),
            "fn_time": _("The clock of the register is wrong"),
            "shift_expired": _("The shift is longer than 24 hours: close it"),
            "shift_open": _("The shift of the register is open already"),
            "shift_closed": _("The shift of the register is closed"),
            "bad_parameters": _("The register refuses these values"),
            "not_supported": _("The register cannot do this"),
            "paid_less": _("Less is paid than the receipt costs"),
            "no_cash": _("By its own count the register has not so much cash"),
            "document_open": _("A receipt is open in the register"),
            "document_closed": _("No receipt is open in the register"),
            "bad_password": _("The password of the register is wrong"),
            "printing": _("The register is still printing"),
            "waits_continue": _("The register waits to print on"),
            "no_paper": _("There is no paper: put in a new roll"),
            "wrong_submode": _("The register is busy"),
            "wrong_mode": _("The register does not allow this now"),
            "confirm_date": _("The register wants its date to be confirmed"),
            "not_found": _("The register does not show the document"),
            "bad_receipt": _("The receipt is wrong"),
            "alike": _("Several receipts of this sum were made: look at the tape"),
            "unreadable": _("A receipt of this sum cannot be read"),
            "fn_changed": _("The fiscal storage was replaced meanwhile"),
            "cash": _("Nobody can tell whether the register has counted the cash"),
        }

    @api.model
    def _words_of_others(self):
        _ = self.env._
        return {
            "offline": _("The device is not reached"),
            "line": _("The connection to the device is broken"),
            "no_answer": _("The device has not answered"),
            "no_ack": _("The device has not taken the command"),
            "slow": _("The device has not come to an end"),
            "bad_answer": _("The answer of the device makes no sense"),
            "starting": _("The device is being started"),
            "not_usable": _("The settings of the device on the box are wrong"),
            "no_device": _("The box has no such device"),
            "bad_kind": _("The device cannot do this"),
            "bad_job": _("The job cannot be read"),
            "bad_signature": _("The job was not signed by this server"),
            "bad_amount": _("The sum is wrong"),
            "bad_barcode": _("The barcode cannot be printed"),
            "bad_slip": _("The slip cannot be printed"),
            "refused": _("The device refuses it"),
            "declined": _("The card was declined"),
            "not_confirmed": _("The terminal has not confirmed the payment"),
            "other_amount": _("The terminal took another sum"),
            "other_operation": _("The terminal answers about another payment"),
            "later_operation": _("The terminal has taken another card since then"),
            "interrupted": _("It was interrupted: nothing was taken"),
            "no_reference": _("The number of the slip is missing"),
            "too_late": _("Its time was over; nothing was sent"),
            "missing": _("The box has this device no more"),
            "memory_lost": _("The box has lost its memory while it was doing this"),
            "withdrawn": _("It was withdrawn"),
            "bug": _("The program of the box has stumbled"),
        }


class ClinicIotJob(models.Model):
    _inherit = "clinic.iot.job"

    @api.depends_context("lang")
    def _compute_message(self):
        return super()._compute_message()

    def _said(self, result):
        """Return what the device says in the words of who reads it."""
        self.ensure_one()
        code, said = result.get("code"), result.get("message")
        return self.env["clinic.iot.device"]._trouble_words(code, said)
