import json
import logging

from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

_logger = logging.getLogger(__name__)


class YookassaController(http.Controller):
    """Where payers come back to, and where YooKassa sends its notices.

    Neither is believed: each only makes us ask YooKassa itself.
    """

    @http.route(
        "/payment/yookassa/return",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
    )
    def yookassa_return(self, ref=None, **_params):
        # Sudo: a payer is nobody here; the reference only says what to ask about.
        txs_sudo = request.env["payment.transaction"].sudo()
        tx_sudo = txs_sudo._search_by_reference(
            "yookassa", {"metadata": {"reference": ref}}
        )
        if tx_sudo.provider_reference:
            try:
                tx_sudo._yookassa_ask()
            except ValidationError:
                _logger.warning("YooKassa did not answer about %s", tx_sudo.reference)
        return request.redirect("/payment/status")

    @http.route(
        "/payment/yookassa/webhook",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def yookassa_webhook(self):
        """Answer 200 to what is done with; anything else is sent again by YooKassa."""
        try:
            # Kept by the request: one that loses a race in the database is repeated.
            notice = json.loads(request.httprequest.get_data() or b"{}")
            number = notice["object"]["id"]
        except (ValueError, KeyError, TypeError):
            return request.make_response("not a notice", status=400)
        # Sudo: nothing of the notice is used but the number to ask about.
        tx_sudo = request.env["payment.transaction"].sudo()._yookassa_find(number)
        if not tx_sudo:
            # The notice may be quicker than the answer to our own request.
            return request.make_response("unknown", status=404)
        try:
            tx_sudo._yookassa_ask()
        except ValidationError:
            _logger.warning("YooKassa did not answer about %s", tx_sudo.reference)
            return request.make_response("ask later", status=503)
        return request.make_response("")
