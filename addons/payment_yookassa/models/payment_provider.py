import time

import requests

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import urls

from .. import const


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[("yookassa", "YooKassa")],
        ondelete={"yookassa": "set default"},
    )
    yookassa_shop_id = fields.Char(
        string="Shop ID",
        help="The number of the shop, as in the settings of your YooKassa account.",
        required_if_provider="yookassa",
        copy=False,
        groups="base.group_system",
    )
    yookassa_secret_key = fields.Char(
        string="Secret Key",
        required_if_provider="yookassa",
        copy=False,
        groups="base.group_system",
    )
    yookassa_webhook_url = fields.Char(
        string="Address for Notices",
        compute="_compute_yookassa_webhook_url",
        help="Enter it in your YooKassa account: Integration, HTTP notifications.",
    )

    def _compute_yookassa_webhook_url(self):
        for provider in self:
            provider.yookassa_webhook_url = urls.urljoin(
                provider.get_base_url(), "/payment/yookassa/webhook"
            )

    def _compute_feature_support_fields(self):
        super()._compute_feature_support_fields()
        self.filtered(lambda p: p.code == "yookassa").update(
            {"support_refund": "partial", "support_tokenization": True}
        )

    def _get_supported_currencies(self):
        currencies = super()._get_supported_currencies()
        if self.code == "yookassa":
            currencies = currencies.filtered(lambda c: c.name == const.CURRENCY)
        return currencies

    def _get_default_payment_method_codes(self):
        self.ensure_one()
        if self.code != "yookassa":
            return super()._get_default_payment_method_codes()
        return const.DEFAULT_METHODS

    # Requests ----------------------------------------------------------------

    def _send_api_request(self, method, endpoint, **kwargs):
        """Send it again when no answer came, with the same key.

        YooKassa carries out once what comes twice with one Idempotence-Key, so an
        answer that was lost on its way is simply asked for again.
        """
        if self.code != "yookassa":
            return super()._send_api_request(method, endpoint, **kwargs)
        for attempt in range(const.ATTEMPTS):
            try:
                return super()._send_api_request(method, endpoint, **kwargs)
            except ValidationError as error:
                lost = self._yookassa_no_answer(error.__context__)
                if not lost or attempt == const.ATTEMPTS - 1:
                    raise
                time.sleep(0.2 * (attempt + 1))
        return None

    def _yookassa_no_answer(self, error):
        """Tell whether the request may have been carried out all the same."""
        response = getattr(error, "response", None)
        if response is not None and isinstance(error, requests.exceptions.HTTPError):
            return response.status_code >= 500 or response.status_code == 429
        return isinstance(
            error,
            (
                requests.exceptions.ConnectionError,
                requests.exceptions.Timeout,
                ValueError,  # nonsense instead of JSON
            ),
        )

    def _build_request_url(self, endpoint, **kwargs):
        if self.code != "yookassa":
            return super()._build_request_url(endpoint, **kwargs)
        # Sudo: a parameter for tests and for a proxy; unset, the real address.
        params_sudo = self.env["ir.config_parameter"].sudo()
        base = params_sudo.get_param("payment_yookassa.api_url") or const.API_URL
        return urls.urljoin(f"{base.rstrip('/')}/", endpoint.strip("/"))

    def _build_request_headers(self, method, *args, idempotence_key=None, **kwargs):
        if self.code != "yookassa":
            return super()._build_request_headers(method, *args, **kwargs)
        return {"Idempotence-Key": idempotence_key} if idempotence_key else {}

    def _build_request_auth(self, **kwargs):
        if self.code != "yookassa":
            return super()._build_request_auth(**kwargs)
        # Sudo: the secret is for requests only, whoever pays.
        provider_sudo = self.sudo()
        return (provider_sudo.yookassa_shop_id, provider_sudo.yookassa_secret_key)

    def _parse_response_error(self, response):
        if self.code != "yookassa":
            return super()._parse_response_error(response)
        return response.json().get("description", "")

    def _parse_response_content(self, response, **kwargs):
        if self.code != "yookassa":
            return super()._parse_response_content(response, **kwargs)
        try:
            content = response.json()
            if not isinstance(content, dict) or not content.get("id"):
                raise ValueError("no object")  # 202: still being processed
        except ValueError as error:
            raise ValidationError(
                self.env._("YooKassa answered something that cannot be understood.")
            ) from error
        return content
