"""What an unmodified box of Odoo calls, with the names and forms it has for it."""

from pathlib import Path

from odoo import http
from odoo.http import request
from odoo.tools import file_path

from ..tools import handlers

OURS = Path(__file__).resolve().parent.parent / "iot_handlers"
LOG_LIMIT = 64 * 1024
POST = {"auth": "public", "methods": ["POST"], "csrf": False, "save_session": False}


class BoxController(http.Controller):
    @http.route("/iot/setup", type="jsonrpc", **POST)
    def setup(self, iot_box=None, devices=None, **_more):
        """Pair a box, or take note of what has changed on a paired one.

        The answer is the name of its channel on the bus, a secret; empty for strangers.
        """
        boxes = request.env["clinic.iot.box"]
        return boxes._setup(iot_box, devices)

    @http.route("/iot/get_handlers", type="http", **POST)
    def get_handlers(self, identifier=None, **_more):
        """Give the drivers to a paired box, unless it has them."""
        if not request.env["clinic.iot.box"]._find_sudo(identifier):
            return request.make_response(b"")
        etag, content = handlers.package(OURS, self._stock())
        headers = [("ETag", f'"{etag}"'), ("Content-Type", "application/zip")]
        known = request.httprequest.headers.get("If-None-Match", "")
        if known.removeprefix("W/").strip('"') == etag:
            return request.make_response(b"", headers, status=304)
        return request.make_response(content, headers)

    @staticmethod
    def _stock():
        try:
            return Path(file_path("iot_drivers/iot_handlers"))
        except FileNotFoundError:
            return None  # this Odoo came without the box's own addon

    @http.route(
        [
            "/iot/box/send_websocket",
            "/iot/box/webrtc_answer",
            "/iot/box/update_certificate_status",
        ],
        type="jsonrpc",
        **POST,
    )
    def hear(self, **_values):
        """Hear the box out; it is not signed, so nothing is believed of it."""
        return True

    @http.route("/iot/log", type="http", **POST)
    def log(self):
        """Keep the last lines of a paired box's log, for people to read."""
        raw = request.httprequest.get_data()[:LOG_LIMIT]
        head, *lines = raw.decode(errors="replace").split("<log/>\n")
        box_sudo = request.env["clinic.iot.box"]._find_sudo(
            head.removeprefix("identifier ").strip()
        )
        if box_sudo:
            # "30,the line": what was logged goes by its level first
            box_sudo._add_log(line.partition(",")[2] for line in lines if line)
        return request.make_response(b"")
