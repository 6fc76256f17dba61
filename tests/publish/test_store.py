"""Releases in an object store: the order of writes, crashes, repeats, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pandas as pd
import pytest
from pyarrow import fs

from scraper.errors import DeliveryError, ReleaseError
from scraper.places import check_store_url
from scraper.publish.store import Store
from scraper.publish.verify import verify_release

from .bucket import ENVIRONMENT, NAME, SECRET, Bucket
from .rows import NOW, make_records, publish_rows


@pytest.fixture(scope="module")
def server():
    with Bucket() as bucket:
        yield bucket


@pytest.fixture(params=["s3", "file"])
def url(request, server, tmp_path, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    if request.param == "file":
        return (tmp_path / "store").as_uri()
    return server.url(tmp_path.name)


@pytest.fixture
def folder(tmp_path):
    return publish_rows(tmp_path / "output", make_records(700)).folder


def files_in(url):
    """Every file of a store by its path, read anew."""
    files, root = fs.FileSystem.from_uri(url)
    found = files.get_file_info(fs.FileSelector(root, allow_not_found=True, recursive=True))
    paths = [info.path for info in found if info.type == fs.FileType.File]
    return {p.removeprefix(f"{root}/"): files.open_input_stream(p).read() for p in paths}


def content_of(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_release_arrives_byte_for_byte_and_readers_are_led_to_it(url, folder, tmp_path):
    store = Store(url)
    assert store.latest is None
    assert store.put(folder)
    assert "latest" not in files_in(url)
    store.point_to(folder.name)
    held = files_in(url)
    sent = content_of(folder)
    prefix = f"releases/{folder.name}/"
    assert held == {f"{prefix}{name}": body for name, body in sent.items()} | {
        "latest": f"{folder.name}\n".encode()
    }
    assert Store(url).latest == folder.name
    frame = pd.read_parquet(BytesIO(held[f"{prefix}codes.parquet"]))
    assert len(frame) == 700
    for name in sent:
        back = tmp_path / "back" / name
        back.parent.mkdir(parents=True, exist_ok=True)
        back.write_bytes(held[f"{prefix}{name}"])
    assert verify_release(tmp_path / "back") == ()


def test_a_release_that_is_there_is_not_sent_again(url, folder, monkeypatch):
    assert Store(url).put(folder)
    monkeypatch.setattr(Store, "_send", None)
    assert not Store(url).put(folder)


def test_files_go_in_the_order_in_which_readers_may_see_them(url, folder, monkeypatch):
    sent = []
    send = Store._send
    monkeypatch.setattr(
        Store, "_send", lambda store, path, to: (sent.append(path.name), send(store, path, to))
    )
    Store(url).put(folder)
    assert sent[-2:] == ["_manifest.json", "_SUCCESS"]
    assert len(sent) == len(content_of(folder)) > 12


@pytest.mark.parametrize("number", [0, 1, 6, 13, 14])
def test_a_run_after_a_crash_finishes_it_whichever_file_was_next(url, folder, monkeypatch, number):
    passed = 0
    send = Store._send

    def crash(store, path, target):
        nonlocal passed
        if passed == number:
            raise KeyboardInterrupt
        passed += 1
        send(store, path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_send", crash)
        with pytest.raises(KeyboardInterrupt):
            Store(url).put(folder)
    assert f"releases/{folder.name}/_SUCCESS" not in files_in(url)
    store = Store(url)
    assert store.latest is None
    assert store.put(folder)
    assert len(files_in(url)) == len(content_of(folder)) == 15


def test_another_release_of_the_same_name_is_not_overwritten(url, folder, tmp_path):
    Store(url).put(folder)
    before = files_in(url)
    other = publish_rows(tmp_path / "other", make_records(3)).folder
    assert other.name == folder.name
    with pytest.raises(DeliveryError, match=r"holds another release 2026\.11\.20; name another"):
        Store(url).put(other)
    assert files_in(url) == before


@pytest.mark.parametrize("name", ["codes.csv", "open/README.md", "_SUCCESS"])
def test_a_damaged_release_is_not_sent(url, folder, name):
    (folder / name).write_bytes(b"moon")
    with pytest.raises(
        ReleaseError, match=f"{name}.*(was changed|holds 4 bytes|does not fit)|not fit"
    ):
        Store(url).put(folder)
    assert files_in(url) == {}


@pytest.mark.parametrize("name", ["a b", "räume", "50%", "a#b?c"])
def test_a_store_may_have_any_name(folder, tmp_path, name):
    url = check_store_url((tmp_path / name).as_uri())
    assert Store(url).put(folder)
    assert verify_release(tmp_path / name / "releases" / folder.name) == ()


def test_a_second_release_is_beside_the_first(url, folder, tmp_path):
    store = Store(url)
    second = publish_rows(tmp_path / "output", make_records(5), NOW + timedelta(days=1)).folder
    for release in (folder, second):
        store.put(release)
        store.point_to(release.name)
    assert {path.split("/")[1] for path in files_in(url) if "/" in path} == {
        "2026.11.20",
        "2026.11.21",
    }
    assert Store(url).latest == "2026.11.21"


def test_a_latest_that_names_no_release_is_not_taken_for_ours(url, folder):
    files, root = fs.FileSystem.from_uri(url)
    Store(url).put(folder)
    with files.open_output_stream(f"{root}/latest") as sink:
        sink.write(b"<html>\n../../etc\xff" * 900)
    with pytest.raises(DeliveryError, match="latest names no release"):
        assert Store(url).latest


def test_the_folder_of_releases_itself_is_no_store(folder):
    output = folder.parent.parent
    with pytest.raises(DeliveryError, match="latest is a folder; name another publish_url"):
        assert Store(output.as_uri()).latest
    assert (output / "latest").resolve() == folder


def test_a_local_store_shows_no_half_file(folder, tmp_path, monkeypatch):
    def stop(source, sink, size):
        sink.write(source.read(10))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scraper.publish.store.shutil.copyfileobj", stop)
    store = Store((tmp_path / "store").as_uri())
    with pytest.raises(DeliveryError, match="No space left on device; see publish_url"):
        store.put(folder)
    names = [path.name for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert [name for name in names if not name.startswith(".")] == []


def test_a_store_that_cannot_be_written_is_one_line_without_a_secret(server, folder, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DeliveryError) as told:
        Store(server.url(bucket="nobody")).put(folder)
    message = str(told.value)
    assert message.startswith("s3://nobody/codes: ")
    assert "bucket does not exist" in message
    assert "\n" not in message
    assert SECRET not in message


def test_a_folder_without_permission_is_one_line(folder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    url = (tmp_path / "file" / "store").as_uri()
    with pytest.raises(DeliveryError, match="see publish_url"):
        Store(url).put(folder)
    assert (tmp_path / "file").read_text() == "in the way"


def test_what_is_sent_holds_no_credential(server, folder, monkeypatch, tmp_path):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    url = server.url(f"{tmp_path.name}/secrets")
    Store(url).put(folder)
    assert not [path for path, body in files_in(url).items() if SECRET.encode() in body]
    assert NAME in Store(url).place
    assert "endpoint" not in Store(url).place
