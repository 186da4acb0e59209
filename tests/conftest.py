"""What all tests here can use.

Run them by ``./clinic test tests`` (or a file, or a test's name): that makes the
database template the servers are cloned from. The tests in ``lint`` and ``property``
need no server, plain pytest runs them as well.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: drives a real Chromium")
    _make_addons_importable()


def _make_addons_importable():
    """Let tests import ``odoo.addons.clinic_*.tools`` without any database."""
    try:
        from odoo.modules.module import initialize_sys_path
        from odoo.tools import config as odoo_config
    except ImportError:
        return  # the launcher's own tests run on a plain Python
    odoo_config.parse_config([f"--addons-path={ROOT / 'addons'}"], setup_logging=False)
    initialize_sys_path()


@pytest.fixture(scope="session")
def root():
    """Return the checkout."""
    return ROOT


def _server():
    from launcher.testing import stack

    if "CLINIC_TEST_TEMPLATE" not in os.environ:
        pytest.skip("needs a server: run by ./clinic test")
    return stack.serve_for_test()


@pytest.fixture(scope="session")
def server():
    """Return a running server (``url``, ``client(login)``, ``json2(login)``, …).

    It has two workers and the demo clinic, and is shared by all tests: each test makes
    the records it changes.
    """
    with _server() as running:
        yield running


@pytest.fixture
def fresh_server():
    """Return a server of this test's own, for what cannot share one. Takes seconds."""
    with _server() as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    """Return a real Chromium, driven by Playwright."""
    sync_api = pytest.importorskip("playwright.sync_api")
    from launcher import tools

    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=tools.find_chromium(),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, server, request):
    """Return an empty page on the server; a screenshot is kept when the test fails."""
    context = browser.new_context(base_url=server.url, locale="ru-RU")
    page = context.new_page()
    yield page
    folder = os.environ.get("CLINIC_TEST_FOLDER")
    if folder and getattr(request.node, "failed", False):
        page.screenshot(path=Path(folder) / f"{request.node.name}.png", full_page=True)
    context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report
