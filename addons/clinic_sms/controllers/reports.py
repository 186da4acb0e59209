import logging
import re

from odoo import http
from odoo.http import request

from ..tools import gateways

_logger = logging.getLogger(__name__)


class ClinicSmsReports(http.Controller):
    """Reports of delivery that the gateways send. Nothing is done unless genuine."""

    @http.route(
        "/clinic_sms/smsc", type="http", auth="public", methods=["POST"], csrf=False
    )
    def smsc(self, **params):
        """SMSC.ru: signed by the secret word of the account."""
        own_id, status = params.get("id"), params.get("status")
        if not re.fullmatch(r"\d{1,10}", own_id or "") or int(own_id) >= 2**31:
            raise request.not_found()
        # sudo: nobody is logged in; the signature below is what gives the right
        rows_sudo = (
            request.env["clinic.sms.message"]
            .sudo()
            .search([("own_id", "=", int(own_id)), ("gateway", "=", "smsc")])
        )
        digits = re.sub(r"\D", "", params.get("phone") or "")
        for row_sudo in rows_sudo:
            account_sudo = row_sudo.company_id._clinic_sms_account()
            genuine = gateways.Smsc.callback_is_genuine(
                params, account_sudo.callback_secret
            )
            mine = not row_sudo.phone or digits == re.sub(r"\D", "", row_sudo.phone)
            if genuine and mine:
                self._report(row_sudo, gateways.Smsc.STATUSES, status)
                return request.make_response("OK")
        _logger.warning("SMSC.ru: a report that is not genuine was refused")
        raise request.not_found()

    @http.route(
        "/clinic_sms/smsaero/<string:uuid>/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
    )
    def smsaero(self, uuid, token, **params):
        """SMS Aero: called at an address that only the gateway was told."""
        # sudo: as above; the token is what gives the right
        journal_sudo = request.env["clinic.sms.message"].sudo()
        if not journal_sudo._token_is_genuine(uuid, token):
            _logger.warning("SMS Aero: a report that is not genuine was refused")
            raise request.not_found()
        if not params and request.httprequest.mimetype == "application/json":
            params = request.get_json_data()
            params = params if isinstance(params, dict) else {}
        row_sudo = journal_sudo.search(
            [("uuid", "=", uuid), ("gateway", "=", "smsaero")], limit=1
        )
        if not row_sudo or str(params.get("id")) != row_sudo.provider_id:
            raise request.not_found()
        self._report(row_sudo, gateways.SmsAero.STATUSES, params.get("status"))
        return request.make_response("OK")

    def _report(self, row_sudo, statuses, status):
        if re.fullmatch(r"-?\d{1,3}", str(status)):
            found = statuses.get(int(status))
            if found:
                row_sudo._report(found)
