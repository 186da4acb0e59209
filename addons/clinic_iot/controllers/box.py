"""What an unmodified box of Odoo calls, with the names and forms it has for it."""

import logging
import re
from pathlib import Path

from odoo import http
from odoo.http import request
from odoo.tools import file_path

from ..tools import handlers

LOG_LIMIT = 64 * 1024
OURS = Path(__file__).resolve().parent.parent / "iot_handlers"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
POST = {"auth": "public", "methods": ["POST"], "csrf": False, "save_session": False}


def drivers():
    """Return the name and the zip of what a box of this server runs."""
    try:
        stock = Path(file_path("iot_drivers/iot_handlers"))
    except FileNotFoundError:
        stock = None  # this Odoo came without the box's own addon
    return handlers.package(OURS, stock)


def logged(line):
    """Return the words of a line like ``30,the words``: its level goes first."""
    return COLOUR.sub("", line.partition(",")[2])


def is_telling(line):
    """Return whether it is for people: a warning or worse, by Python's numbers.

    The rest is each request that the box has served, hundreds of lines an hour.
    """
    level = line.partition(",")[0]
    return level.isdecimal() and int(level) >= logging.WARNING


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
        etag, content = drivers()
        headers = [("ETag", f'"{etag}"'), ("Content-Type", "application/zip")]
        known = request.httprequest.headers.get("If-None-Match", "")
        if known.removeprefix("W/").strip('"') == etag:
            return request.make_response(b"", headers, status=304)
        return request.make_response(content, headers)

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
            box_sudo._add_log(logged(line) for line in lines if is_telling(line))
        return request.make_response(b"")
