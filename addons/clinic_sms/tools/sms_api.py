from odoo.addons.sms.tools.sms_api import SmsApiBase

# Our codes of refusals → failure types of an SMS.
FAILURE_TYPES = {
    "no_gateway": "clinic_no_gateway",
    "auth": "clinic_auth",
    "credit": "sms_credit",
    "number": "sms_number_format",
    "destination": "clinic_destination",
    "text": "clinic_text",
    "parameters": "clinic_parameters",
    "blocked": "clinic_blocked",
    "no_answer": "clinic_no_answer",
}

# So many SMS in a row without an answer, and the rest waits.
PATIENCE = 2


class SmsApiNone(SmsApiBase):
    """No gateway is chosen: nobody is contacted, and the SMS says so."""

    PROVIDER_TO_SMS_FAILURE_TYPE = SmsApiBase.PROVIDER_TO_SMS_FAILURE_TYPE | {
        "no_gateway": FAILURE_TYPES["no_gateway"]
    }

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        words = self._get_sms_api_error_messages()["no_gateway"]
        return [
            {"uuid": number["uuid"], "state": "no_gateway", "failure_reason": words}
            for message in messages
            for number in message["numbers"]
        ]

    def _get_sms_api_error_messages(self):
        return {
            **super()._get_sms_api_error_messages(),
            "no_gateway": self.env._("No SMS gateway is set up."),
        }


class SmsApiClinic(SmsApiBase):
    """Odoo's mechanism on one side, a gateway of ``gateways`` on the other.

    The journal ``clinic.sms.message`` stands between them: what was begun is committed
    there before the gateway is asked, so that after a crash it is known.
    """

    PROVIDER_TO_SMS_FAILURE_TYPE = (
        SmsApiBase.PROVIDER_TO_SMS_FAILURE_TYPE | FAILURE_TYPES
    )

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        """Send; an SMS whose fate is open is left out of the results: it stays in the
        queue and is tried again later."""
        journal = self.env["clinic.sms.message"].sudo()
        account_sudo = self.company._clinic_sms_account()
        words = self._get_sms_api_error_messages()
        results, silent = [], 0
        for message in messages:
            for number in message["numbers"]:
                if silent >= PATIENCE:
                    journal._wait()
                    continue
                if not number["number"]:
                    results.append(
                        self._failed(number["uuid"], "sms_number_missing", "")
                    )
                    continue
                state, detail = journal._send(
                    account_sudo, number["uuid"], number["number"], message["content"]
                )
                silent = silent + 1 if state is None else 0
                if state == "sent":
                    results.append({"uuid": number["uuid"], "state": "success"})
                elif state:
                    reason = " ".join(p for p in (words.get(state), detail) if p)
                    results.append(self._failed(number["uuid"], state, reason))
        return results

    def _failed(self, uuid, state, reason):
        return {"uuid": uuid, "state": state, "failure_reason": reason or False}

    def _get_sms_api_error_messages(self):
        _ = self.env._
        return {
            **super()._get_sms_api_error_messages(),
            "sms_number_missing": _("There is no phone number."),
            "no_gateway": _("No SMS gateway is set up."),
            "auth": _("The gateway does not accept the login and the password or key."),
            "credit": _("There is not enough money on the account of the gateway."),
            "number": _("The phone number is not a valid one."),
            "destination": _("SMS cannot be delivered to this number."),
            "text": _("The gateway does not allow this text or sender name."),
            "parameters": _("The gateway refused the request."),
            "blocked": _("The gateway does not accept requests from this server now."),
            "no_answer": _("The gateway did not answer; the SMS may have been sent."),
        }
