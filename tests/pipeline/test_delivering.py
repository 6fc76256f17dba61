"""Releases go where the settings say; what could not be sent is told, and sent by the next run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from deltalake import DeltaTable
from publish.bucket import ENVIRONMENT, SECRET, Bucket
from publish.rows import NOW, make_records, publish_rows

from scraper.pipeline.building import build_release
from scraper.pipeline.delivering import deliver_releases, find_undelivered
from scraper.settings import Settings

from .ground import Clock, capture_of, keep, project_in, releases

DAY = timedelta(days=1)


@pytest.fixture
def days(monkeypatch):
    return Clock(monkeypatch)


def publish(output, count):
    return publish_rows(output, make_records(count), NOW + count * DAY)


def pointer(store):
    return (store / "latest").read_text().strip()


def test_a_build_sends_its_release_to_both_and_the_next_one_sends_nothing(tmp_path, days):
    keep(tmp_path / "raw", capture_of("99216"))
    table, store = tmp_path / "lake", tmp_path / "store"
    project = project_in(tmp_path, delta_table=str(table), publish_url=store.as_uri())
    built = build_release(project)
    version = built.release.version
    assert built.delivery.sent == [f"{version} to {table}", f"{version} to {store.as_uri()}"]
    assert DeltaTable(str(table)).to_pyarrow_table().column("code").to_pylist() == ["99216"]
    assert pointer(store) == version
    assert releases(store) == [version]
    again = build_release(project)
    assert (again.release, again.delivery.sent, again.delivery.troubles) == (None, [], [])


def test_a_place_that_fails_hinders_neither_the_release_nor_the_other_place(tmp_path, days):
    keep(tmp_path / "raw", capture_of("99216"))
    (tmp_path / "file").write_text("in the way")
    table, store = tmp_path / "file" / "lake", tmp_path / "store"
    project = project_in(
        tmp_path, delta_table=str(table), publish_url=store.as_uri(), keep_releases=1
    )
    built = build_release(project)
    assert len(built.delivery.troubles) == 1
    assert built.delivery.troubles[0].startswith(f"{table}: ")
    assert pointer(store) == built.release.version == releases(tmp_path / "output")[0]
    (tmp_path / "file").unlink()
    again = build_release(project)
    assert again.release is None
    assert again.delivery.sent == [f"{built.release.version} to {table}"]


def test_what_an_outage_left_behind_is_sent_in_order_and_nothing_old_goes_meanwhile(tmp_path, days):
    store = tmp_path / "store"
    for number, code in enumerate(("99216", "99229", "00118", "00117")):
        keep(tmp_path / "raw", capture_of(code))
        days.pass_days(1)
        if number == 1:
            store.rename(tmp_path / "moved")
            store.write_text("an outage")
        if number == 3:
            store.unlink()
            (tmp_path / "moved").rename(store)
        built = build_release(project_in(tmp_path, publish_url=store.as_uri(), keep_releases=1))
        assert len(built.delivery.troubles) == (number in {1, 2})
        assert (built.removed == []) == (number < 3)
    assert releases(store) == ["2026.11.21", "2026.11.22", "2026.11.23", "2026.11.24"]
    assert len(built.delivery.sent) == 3
    assert pointer(store) == "2026.11.24"


def test_an_empty_place_gets_the_latest_alone_and_a_damaged_release_is_left_out(tmp_path, caplog):
    output = tmp_path / "output"
    first, second, third = (publish(output, count).folder for count in (1, 2, 3))
    assert find_undelivered(third, None) == [third]
    assert find_undelivered(third, first.name) == [second, third]
    assert find_undelivered(first, third.name) == [first]
    (second / "codes.csv").unlink()
    assert find_undelivered(third, first.name) == [third]
    assert "2026.11.22 is not sent" in caplog.text


def test_readers_follow_a_person_who_goes_back(tmp_path):
    output, store = tmp_path / "output", tmp_path / "store"
    settings = Settings(output_dir=output, publish_url=store.as_uri())
    versions = []
    for count in (1, 2):
        versions.append(publish(output, count).version)
        deliver_releases(settings)
    (output / "latest").unlink()
    (output / "latest").symlink_to(f"releases/{versions[0]}")
    assert deliver_releases(settings).sent == []
    assert pointer(store) == versions[0]
    assert releases(store) == versions


def test_an_s3_store_is_filled_and_its_outage_is_one_line_without_a_secret(tmp_path, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    output = tmp_path / "output"
    release = publish(output, 3)
    with Bucket() as bucket:
        settings = Settings(output_dir=output, publish_url=bucket.url())
        assert deliver_releases(settings).sent == [f"{release.version} to s3://shelf/codes"]
        assert deliver_releases(settings).sent == []
        wrong = settings.model_copy(update={"publish_url": bucket.url(bucket="nobody")})
        [trouble] = deliver_releases(wrong).troubles
        assert "bucket does not exist" in trouble
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    [trouble] = deliver_releases(settings).troubles
    assert trouble.startswith("s3://shelf/codes: ")
    assert SECRET not in trouble
    assert len(trouble.splitlines()) == 1


def test_without_either_setting_nothing_is_sent(tmp_path):
    publish(tmp_path, 1)
    delivery = deliver_releases(Settings(output_dir=tmp_path))
    assert (delivery.sent, delivery.troubles) == ([], [])
    assert {path.name for path in tmp_path.iterdir()} == {"releases", "latest", ".lock"}
