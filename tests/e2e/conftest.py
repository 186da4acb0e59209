"""What the walks through the running clinic share."""

import os
from pathlib import Path

import pytest

from .visitor import Site

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 900}


@pytest.fixture(scope="session")
def shots(tmp_path_factory):
    """Return the folder for screenshots."""
    folder = os.environ.get("CLINIC_SCREENSHOTS") or os.environ.get(
        "CLINIC_TEST_FOLDER"
    )
    folder = Path(folder) if folder else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def open_page(browser, server):
    """Return a function that opens an empty page of a visitor with a new session."""
    contexts = []

    def open_page(viewport=None):
        context = browser.new_context(
            base_url=server.url,
            locale="ru-RU",
            timezone_id="Asia/Yekaterinburg",
            viewport=viewport or DESK,
        )
        # The first page of a kind builds its scripts, which may take a while.
        context.set_default_timeout(90_000)
        context.set_default_navigation_timeout(180_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def site(server):
    """Return a visitor without a browser, not signed in."""
    return Site(server)
