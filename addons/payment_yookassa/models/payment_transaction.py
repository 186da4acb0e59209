import logging
import uuid
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import urls

from .. import const

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # Paying ------------------------------------------------------------------

    def _get_specific_rendering_values(self, processing_values):
        """Make the payment at YooKassa and return where the visitor confirms it."""
        if self.provider_code != "yookassa":
            return super()._get_specific_rendering_values(processing_values)
        try:
            data = self._yookassa_create_payment()
            url = data["confirmation"]["confirmation_url"]
        except ValidationError as error:
            self._set_error(str(error))
            return {}
        except (KeyError, TypeError):
            self._set_error(self.env._("YooKassa gave no address to pay at."))
            return {}
        # A form of the method "get" loses what stands behind the "?" of its address.
        split = urlsplit(url)
        return {
            "api_url": split._replace(query="").geturl(),
            "url_params": dict(parse_qsl(split.query)),
        }

    def _send_payment_request(self):
        """Charge a saved card without the payer."""
        if self.provider_code != "yookassa":
            return super()._send_payment_request()
        data = self._yookassa_create_payment(
            payment_method_id=self.token_id.provider_ref
        )
        self._process("yookassa", data)
        return None

    def _yookassa_create_payment(self, **extra):
        """Return YooKassa's payment for this transaction, made once."""
        self.ensure_one()
        data = self._send_api_request(
            "POST",
            "payments",
            json={**self._yookassa_payment_payload(), **extra},
            idempotence_key=self._yookassa_key("payment"),
        )
        # Kept before anything else, so that a notice finds the transaction.
        self.provider_reference = data["id"]
        return data

    def _yookassa_payment_payload(self):
        """Return what is asked of YooKassa."""
        self.ensure_one()
        payload = {
            "amount": self._yookassa_amount(self.amount),
            "capture": True,
            "description": self.reference[: const.DESCRIPTION_LENGTH],
            "metadata": {"reference": self.reference},
        }
        if self.operation in ("online_redirect", "online_direct"):
            back = urls.urljoin(
                self.provider_id.get_base_url(), "/payment/yookassa/return"
            )
            payload["confirmation"] = {
                "type": "redirect",
                "return_url": f"{back}?{urlencode({'ref': self.reference})}",
            }
            payload["save_payment_method"] = self.tokenize
            kind = const.METHOD_TYPES.get(self.payment_method_code)
            if kind:
                payload["payment_method_data"] = {"type": kind}
        return payload

    def _yookassa_amount(self, amount):
        return {"value": f"{abs(amount):.2f}", "currency": self.currency_id.name}

    def _yookassa_key(self, purpose):
        """Return the key of a request: the same for the same transaction for ever.

        The id is no part of it: a request that Odoo repeats after a clash in the
        database makes the transaction anew, under its reference.
        """
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        name = f"{database}:{self.reference}:{purpose}"
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    # Returning ---------------------------------------------------------------

    def _send_refund_request(self):
        if self.provider_code != "yookassa":
            return super()._send_refund_request()
        data = self._send_api_request(
            "POST",
            "refunds",
            json={
                "payment_id": self.source_transaction_id.provider_reference,
                "amount": self._yookassa_amount(self.amount),
                "description": self.reference[: const.DESCRIPTION_LENGTH],
            },
            idempotence_key=self._yookassa_key("refund"),
        )
        self.provider_reference = data["id"]
        self._process("yookassa", data)
        return None

    # What YooKassa says ------------------------------------------------------

    @api.model
    def _yookassa_find(self, number):
        """Return the transaction of a payment or refund of YooKassa."""
        if not number or not isinstance(number, str):
            return self.browse()
        return self.search(
            Domain("provider_code", "=", "yookassa")
            & Domain("provider_reference", "=", number),
            order="id",
            limit=1,
        )

    def _yookassa_ask(self):
        """Ask YooKassa how it stands, and believe only that.

        :raise ValidationError: there was no answer.
        """
        for tx in self:
            kind = "refunds" if tx.operation == "refund" else "payments"
            data = tx._send_api_request("GET", f"{kind}/{tx.provider_reference}")
            if data.get("id") != tx.provider_reference:
                raise ValidationError(
                    self.env._("YooKassa answered about another payment.")
                )
            tx._process("yookassa", data)

    @api.model
    def _extract_reference(self, provider_code, payment_data):
        if provider_code != "yookassa":
            return super()._extract_reference(provider_code, payment_data)
        return (payment_data.get("metadata") or {}).get("reference")

    def _extract_amount_data(self, payment_data):
        if self.provider_code != "yookassa":
            return super()._extract_amount_data(payment_data)
        amount = payment_data.get("amount") or {}
        return {
            "amount": float(amount.get("value") or 0),
            "currency_code": amount.get("currency"),
        }

    def _apply_updates(self, payment_data):
        if self.provider_code != "yookassa":
            return super()._apply_updates(payment_data)
        method = payment_data.get("payment_method") or {}
        self.payment_method_id = (
            self.env["payment.method"]._get_from_code(
                method.get("type", ""), mapping=const.METHOD_TYPES
            )
            or self.payment_method_id
        )
        status = payment_data.get("status")
        if status == "succeeded":
            self._set_done()
        elif self.state == "done":
            # Money does not go back by a status: that is what refunds are for.
            _logger.info("Ignored %s of the paid %s.", status, self.reference)
        elif status in ("pending", "waiting_for_capture"):
            self._set_pending()
        elif status == "canceled":
            self._yookassa_cancelled(payment_data.get("cancellation_details") or {})
        else:
            self._set_error(
                self.env._("YooKassa sent an unknown status: %s", status or "-")
            )
        return None

    def _yookassa_cancelled(self, details):
        """The payment failed: say why in the payer's words."""
        _ = self.env._
        reasons = {
            "insufficient_funds": _("There is not enough money on the card."),
            "3d_secure_failed": _("The payment was not confirmed by the code."),
            "card_expired": _("The card has expired."),
            "invalid_csc": _("The code on the back of the card is wrong."),
            "invalid_card_number": _("The number of the card is wrong."),
            "payment_method_limit_exceeded": _("The limit of the card is exceeded."),
            "expired_on_confirmation": _("The time to pay has run out."),
            "permission_revoked": _("The saved card was revoked by its owner."),
        }
        reason = reasons.get(
            details.get("reason"),
            _("The bank refused the payment. Try another card or another way to pay."),
        )
        if self.operation == "refund":
            self._set_error(reason)
        else:
            self._set_canceled(state_message=reason)

    def _extract_token_values(self, payment_data):
        if self.provider_code != "yookassa":
            return super()._extract_token_values(payment_data)
        method = payment_data.get("payment_method") or {}
        if not method.get("saved"):
            return {}
        return {
            "provider_ref": method["id"],
            "payment_details": (method.get("card") or {}).get("last4"),
        }

    # Lost notices ------------------------------------------------------------

    @api.model
    def _cron_yookassa_ask(self):
        """Ask about what is still open: a notice may have been lost on its way."""
        now = fields.Datetime.now()
        open_txs = self.search(
            Domain("provider_code", "=", "yookassa")
            & Domain("provider_reference", "!=", False)
            & Domain("state", "in", ("draft", "pending", "authorized"))
            & Domain(
                "create_date", "<", now - timedelta(minutes=const.ASK_AFTER_MINUTES)
            )
            & Domain("create_date", ">", now - timedelta(days=const.ASK_FOR_DAYS)),
            order="id",
            limit=200,
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(open_txs))
        for tx in open_txs:
            try:
                # A locked row is being processed by a notice right now.
                tx.try_lock_for_update()._yookassa_ask()
            except ValidationError:
                _logger.warning("YooKassa did not answer about %s", tx.reference)
            if not cron._commit_progress(1):
                break
