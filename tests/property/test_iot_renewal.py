"""A box takes the server's drivers between two jobs, whole, or not at all."""

import io
import zipfile

import pytest
from hypothesis import given, strategies as st

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import journal as book, renewal
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.poller import Poller
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.signature import derive_keys
from odoo.addons.clinic_iot.tools import handlers

NAMES = st.from_regex(r"(drivers|interfaces)/[a-z]{1,8}\.py", fullmatch=True)
FILES = st.dictionaries(NAMES, st.binary(max_size=50), max_size=6)
OLD = {"drivers/lamp.py": b"old", "drivers/gone.py": b"old", "same.py": b"same"}
NEW = {"drivers/lamp.py": b"new", "interfaces/fresh.py": b"new", "same.py": b"same"}


class Box:
    """A box with drivers in a folder, of which everything else is made up."""

    def __init__(self, folder):
        self.folder = folder
        renewal.replace(folder, OLD)
        self.loaded = renewal.digest(renewal.read(folder))
        self.content = handlers.pack(NEW)
        self.etag = handlers.etag(NEW)
        self.done, self.now, self.busy = [], 0.0, []
        self.renewal = renewal.Renewal(
            folder,
            lambda: self.loaded,
            lambda etag: self.done.append(f"keep {etag}"),
            self.fetch,
            lambda holds: self.done.append(f"hold {holds}"),
            lambda: self.busy.pop(0) if self.busy else False,
            lambda: self.done.append("restart"),
            sleep=lambda _seconds: None,
            clock=lambda: self.now,
        )

    def fetch(self):
        self.done.append("fetch")
        if self.content is None:
            raise OSError("away")
        return self.content

    def hear(self, times=3, etag=None):
        heard = [self.renewal.offered(etag or self.etag) for _time in range(times)]
        return heard[-1]


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


@given(FILES, FILES)
def test_what_the_server_packs_the_box_unpacks(tmp_path_factory, before, files):
    etag = handlers.etag(files)
    assert renewal.unpack(handlers.pack(files), etag) == files
    folder = tmp_path_factory.mktemp("box")
    renewal.replace(folder, before)
    renewal.replace(folder, files)
    assert renewal.read(folder) == files
    assert renewal.digest(renewal.read(folder)) == etag


@given(FILES, FILES)
def test_other_contents_are_refused(files, others):
    if files != others:
        with pytest.raises(renewal.BadDrivers):
            renewal.unpack(handlers.pack(others), handlers.etag(files))


@pytest.mark.parametrize("name", ["../out.py", "/etc/out.py", "a/../../out.py"])
def test_nothing_is_written_outside(name):
    files = {name: b"x"}
    with pytest.raises(renewal.BadDrivers):
        renewal.unpack(handlers.pack(files), handlers.etag(files))


def test_same_drivers_change_nothing(box):
    assert not box.hear(times=9, etag=box.loaded)
    assert not box.renewal.offered(None), "a server of before says nothing of it"
    assert not box.done


def test_others_are_taken_when_the_server_is_sure(box):
    assert not box.hear(times=2)
    assert not box.hear(times=2, etag="of another worker of a server that is replaced")
    assert not box.done
    assert box.hear()
    once = ["fetch", "hold True", f"keep {box.etag}", "restart"]
    assert box.done == once
    assert renewal.read(box.folder) == NEW
    assert not box.hear(), "while it ends it is not asked to end again"
    assert box.done == once


def test_a_job_that_is_being_done_is_not_disturbed(box):
    box.busy = [True]
    assert not box.hear()
    assert not box.done
    # It has begun while the drivers were fetched.
    box.busy = [False, True]
    assert not box.hear(times=1)
    assert box.done == ["fetch", "hold True", "hold False"]
    assert renewal.read(box.folder) == OLD
    assert box.hear(times=1)
    assert renewal.read(box.folder) == NEW


def test_what_cannot_be_had_is_tried_again_later(box):
    for content in (None, b"no zip", handlers.pack(OLD)):
        box.content, box.done = content, []
        assert not box.hear(times=20)
        assert box.done == ["fetch"], "not in a circle"
        box.now += renewal.LATER
    assert renewal.read(box.folder) == OLD
    box.content = handlers.pack(NEW)
    assert box.hear(times=1)


def test_drivers_that_cannot_be_written_do_not_restart_it_for_ever(box):
    (box.folder / "interfaces").write_text("in the way")
    assert not box.hear(times=20)
    assert box.done[-1] == "hold False" and "restart" not in box.done


def test_a_torn_zip_is_no_zip():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.py", b"x" * 1000)
    with pytest.raises(renewal.BadDrivers):
        renewal.unpack(content.getvalue()[:-30], "etag")


def test_while_it_holds_nothing_begins(tmp_path):
    asked = []
    journal = book.Journal(tmp_path / "journal")

    def post(url, **_options):
        asked.append(url)
        poller.holds = True  # meanwhile
        raise OSError

    poller = Poller(
        journal,
        "box",
        lambda: ("http://server", "token"),
        post,
        dict,
        lambda _device: None,
    )
    assert derive_keys("token", "box")
    assert poller.may_begin("uuid") is None
    assert len(asked) == 1
    assert poller.may_begin("uuid") is None
    assert len(asked) == 1, "the server is not even asked"
    journal.close()


def test_journal_knows_whether_a_device_is_at_work(tmp_path):
    journal = book.Journal(tmp_path / "journal")
    assert not journal.is_busy()
    journal.receive("uuid", "kassa", "{}", "")
    assert not journal.is_busy(), "nothing was sent to it"
    journal.start("uuid")
    assert journal.is_busy()
    journal.finish("uuid", book.UNKNOWN, {}, settled=False)
    assert not journal.is_busy(), "the device is only asked, and is asked again"
    journal.close()
