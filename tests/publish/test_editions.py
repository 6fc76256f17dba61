"""The open edition holds no licensed text, and says whose the full one's is."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from scraper.errors import UsageError
from scraper.publish.editions import find_licensed_words
from scraper.publish.load import load
from scraper.publish.manifest import describe_file
from scraper.publish.schema import NOTICES, OPEN_NOTICE
from scraper.publish.verify import verify_release
from scraper.record import LICENSED_COLUMNS, UNSORTED_COLUMNS, CodeRecord

from .rows import (
    NOW,
    make_history,
    make_record,
    make_records,
    publish_rows,
    rewrite,
    with_values,
)

BOAT = "Folding of a paper boat with seven sails"
# Each column of text that an open edition holds; a new one must be put here, or left out of it.
OPEN_TEXT = {
    *("code", "code_system", "category", "section", "subsection", "status", "replaced_by"),
    *("mentioned_codes", "status_code", "global_days", "pc_tc_indicator", "multiple_procedures"),
    *("bilateral_surgery", "physician_supervision", "assistant_surgeon", "co_surgeons"),
    *("team_surgery", "diagnostic_imaging_family", "apc_status_indicator"),
    *("asc_payment_indicator", "type_of_service", "betos", "mue", "ccs_category", "site"),
    *("source_url", "capture_sha256", "raw_file", "layout", "access", "parser_version"),
    *("official_capture", "common_language_capture", "quality_flags"),
    # Words of our own vocabularies, and a noun of three words at most.
    *("laterality", "anatomic_sites", "approaches", "unit", "parent_code", "primary_codes"),
}


def read(path: Path) -> list[dict[str, object]]:
    return parquet.read_table(path).to_pylist()


def test_it_has_the_rows_of_the_full_one_without_columns_of_text(tmp_path):
    folder = publish_rows(tmp_path, make_records(5)).folder
    full, opened = (read(place / "codes.parquet") for place in (folder, folder / "open"))
    left_out = LICENSED_COLUMNS["codes"] | UNSORTED_COLUMNS["codes"]
    assert set(full[0]) - set(opened[0]) == left_out
    assert opened == [{k: v for k, v in row.items() if k not in left_out} for row in full]
    assert len(read(folder / "open" / "pages.parquet")) == 5


def test_every_column_of_text_was_looked_at(tmp_path):
    folder = publish_rows(tmp_path, make_records(1)).folder
    schema = parquet.read_schema(folder / "open" / "codes.parquet")
    texts = {
        field.name
        for field in schema
        if pa.types.is_string(field.type)
        or (pa.types.is_list(field.type) and pa.types.is_string(field.type.value_type))
    }
    assert texts == OPEN_TEXT


def test_a_cell_that_repeats_five_words_of_a_licensed_text_is_left_empty(tmp_path):
    records = [
        make_record("00100", official_description=BOAT, betos="A fact of four words"),
        make_record("00101", betos="it is FOLDING of a, paper boat", ccs_category="paper boat"),
        make_record("00102", quality_flags=("fine", "of a paper boat with seven"), mue="9"),
    ]
    release = publish_rows(tmp_path, records)
    rows = read(release.folder / "open" / "codes.parquet")
    assert [row["betos"] for row in rows] == ["A fact of four words", None, None]
    assert [row["quality_flags"] for row in rows] == [[], [], ["fine"]]
    assert (rows[1]["ccs_category"], rows[2]["mue"]) == ("paper boat", "9")
    assert release.manifest.emptied == 2
    assert read(release.folder / "codes.parquet")[1]["betos"] == "it is FOLDING of a, paper boat"
    assert verify_release(release.folder) == ()


@pytest.mark.parametrize("column", sorted(LICENSED_COLUMNS["codes"] & set(CodeRecord.model_fields)))
def test_each_licensed_column_is_looked_for_in_the_others(tmp_path, column):
    texts = (BOAT,) if "tuple" in str(CodeRecord.model_fields[column].annotation) else BOAT
    records = [make_record("00100", **{column: texts}), make_record("00101", betos=BOAT)]
    release = publish_rows(tmp_path, records)
    assert read(release.folder / "open" / "codes.parquet")[1]["betos"] is None


def test_notes_of_the_history_are_licensed_too(tmp_path):
    records = [make_record("00100", betos=BOAT)]
    release = publish_rows(tmp_path, records, history=[make_history("00100", notes=f"New: {BOAT}")])
    assert read(release.folder / "open" / "codes.parquet")[0]["betos"] is None
    assert "notes" not in read(release.folder / "open" / "history.parquet")[0]


@pytest.mark.parametrize(
    "column",
    [
        *("official_description", "common_language_description"),
        *("short_descriptor", "medium_descriptor", "long_descriptor"),
    ],
)
def test_a_cell_that_is_a_whole_licensed_text_is_left_empty_however_short(tmp_path, column):
    records = [
        make_record("00100", **{column: "Kite, mended twice"}, ccs_category="kite mended twice"),
        make_record("00101", betos="KITE MENDED TWICE", mue="Kite mended twice more"),
        make_record("00102", **{column: "One old kite"}, anatomic_sites=("one old kite",)),
    ]
    history = [
        make_history("00100", action="kite (mended) twice"),
        make_history("00101", action="Added"),
        make_history("00102", event_date_text="One old kite"),
    ]
    release = publish_rows(tmp_path, records, history=history)
    rows = read(release.folder / "open" / "codes.parquet")
    assert [row["ccs_category"] for row in rows] == [None, None, None]
    assert (rows[1]["betos"], rows[1]["mue"]) == (None, "Kite mended twice more")
    assert rows[2]["anatomic_sites"] == ["one old kite"]
    lines = read(release.folder / "open" / "history.parquet")
    assert [line["action"] for line in lines] == [None, "Added", "Added"]
    assert lines[2]["event_date_text"] is None
    assert release.manifest.emptied == 4
    assert verify_release(release.folder) == ()


@pytest.mark.parametrize("words", ["N/A", "Not applicable", "Kite"])
def test_one_or_two_words_are_anybodys(tmp_path, words):
    records = [make_record("00100", short_descriptor=words, betos=words)]
    release = publish_rows(tmp_path, records, history=[make_history("00100", action=words)])
    assert read(release.folder / "open" / "codes.parquet")[0]["betos"] == words
    assert read(release.folder / "open" / "history.parquet")[0]["action"] == words
    assert release.manifest.emptied == 0
    assert verify_release(release.folder) == ()


@pytest.mark.parametrize("column", ["action", "event_date_text"])
def test_five_licensed_words_in_a_line_of_history_leave_it_empty(tmp_path, column):
    records = [make_record("00100", official_description=BOAT)]
    history = [make_history("00100", **{column: f"So: {BOAT}"})]
    release = publish_rows(tmp_path, records, history=history)
    assert read(release.folder / "open" / "history.parquet")[0][column] is None
    assert read(release.folder / "history.parquet")[0][column] == f"So: {BOAT}"
    assert verify_release(release.folder) == ()


@pytest.mark.parametrize("words", ["Added", "00100", "CPT", "row", "unknown", "sample"])
def test_words_that_come_from_no_page_are_left_whatever_a_text_says(tmp_path, words):
    records = [make_record("00100", official_description=words, status_notice="Added", betos="-")]
    release = publish_rows(tmp_path, records, history=[make_history("00100", action="Deleted")])
    (row,) = read(release.folder / "open" / "codes.parquet")
    assert (row["code"], row["code_system"], row["status"]) == ("00100", "CPT", "unknown")
    assert row["betos"] == "-"
    assert read(release.folder / "open" / "history.parquet")[0]["action"] == "Deleted"
    assert read(release.folder / "open" / "pages.parquet")[0]["outcome"] == "row"
    assert release.manifest.emptied == 0


@pytest.mark.parametrize("notes", ["Added", "Deleted"])
def test_a_note_or_notice_is_no_description(tmp_path, notes):
    records = [make_record("00100", status_notice=notes, examples=(notes,), betos=notes)]
    history = [make_history("00100", action=notes, notes=notes)]
    release = publish_rows(tmp_path, records, history=history)
    assert read(release.folder / "open" / "history.parquet")[0]["action"] == notes
    assert release.manifest.emptied == 0


def test_verify_finds_a_short_licensed_text_that_a_faulty_publisher_left(tmp_path):
    records = [make_record("00100", short_descriptor="KITE MENDED TWICE", mue="1")]
    folder = publish_rows(tmp_path, records).folder
    (folder / "open" / "codes.csv").unlink()
    rewrite(
        folder,
        "open/codes.parquet",
        lambda table: with_values(table, "mue", ["Kite mended twice"]),
        without=("open/codes.csv",),
    )
    (finding,) = verify_release(folder)
    assert "holds words of a licensed text: 'kite mended twice'" in finding


def test_verify_finds_licensed_words_that_a_faulty_publisher_left(tmp_path):
    folder = publish_rows(tmp_path, [make_record("00100", official_description=BOAT)]).folder
    (folder / "open" / "codes.csv").unlink()
    rewrite(
        folder,
        "open/codes.parquet",
        lambda table: with_values(table, "betos", [f"So: {BOAT}"]),
        without=("open/codes.csv",),
    )
    (finding,) = verify_release(folder)
    assert "holds words of a licensed text" in finding
    assert len(find_licensed_words(folder, folder / "open")) == 4


@given(
    licensed=st.lists(st.sampled_from("abcdef"), max_size=12),
    told=st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=9),
)
@settings(max_examples=40, deadline=None)
def test_no_five_words_in_a_row_are_ever_left(tmp_path_factory, licensed, told):
    records = [
        make_record("00100", common_language_description=" ".join(licensed) or None),
        make_record("00101", betos=" ".join(told)),
    ]
    folder = publish_rows(tmp_path_factory.mktemp("out"), records).folder
    kept = read(folder / "open" / "codes.parquet")[1]["betos"]
    rows = [licensed[start : start + 5] for start in range(len(licensed) - 4)]
    is_licensed = (told == licensed and len(told) > 2) or any(
        told[start : start + 5] in rows for start in range(len(told) - 4)
    )
    assert kept == (None if is_licensed else " ".join(told))
    shutil.rmtree(folder.parents[1])


@pytest.mark.parametrize(("place", "notice"), [("", " ".join(NOTICES)), ("open", OPEN_NOTICE)])
def test_each_edition_carries_its_notice(tmp_path, place, notice):
    folder = publish_rows(tmp_path, make_records(2)).folder / place
    package = json.loads((folder / "datapackage.json").read_text())
    assert package["licenses"][0]["title"] == notice
    assert notice in (folder / "README.md").read_text()
    for table in LICENSED_COLUMNS:
        metadata = parquet.read_schema(folder / f"{table}.parquet").metadata
        assert metadata[b"licence"].decode() == notice
        assert metadata[b"edition"].decode() == (place or "full")


@pytest.mark.parametrize("place", ["", "open"])
def test_the_data_package_describes_each_file_as_it_is(tmp_path, place):
    folder = publish_rows(tmp_path, make_records(3)).folder / place
    package = json.loads((folder / "datapackage.json").read_text())
    assert package["name"] == f"medical-procedure-codes-{place or 'full'}"
    paths = {resource["path"] for resource in package["resources"]}
    assert paths == {path.name for path in folder.glob("*.parquet")} | {"codes.csv"}
    for resource in package["resources"]:
        path = folder / resource["path"]
        file = describe_file(path, 3)
        assert (resource["bytes"], resource["hash"]) == (file.bytes, f"sha256:{file.sha256}")
        names = parquet.read_schema(path.with_suffix(".parquet")).names
        assert [field["name"] for field in resource["schema"]["fields"]] == names
        assert resource["type"] == "table"
    codes = next(r for r in package["resources"] if r["path"] == "codes.parquet")
    assert codes["schema"]["primaryKey"] == ["code_system", "code"]


def test_the_data_package_reads_each_cell_of_the_csv_as_it_is_written(tmp_path):
    record = make_record("00100", unit_min=2.5, minutes_min=7, is_add_on=True, examples=("a",))
    folder = publish_rows(tmp_path, [record]).folder
    package = json.loads((folder / "datapackage.json").read_text())
    resource = next(r for r in package["resources"] if r["path"] == "codes.csv")
    with (folder / "codes.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    read_as = {
        "string": lambda text, _: text,
        "boolean": lambda text, _: {"true": True, "false": False}[text],
        "integer": lambda text, _: int(text),
        "number": lambda text, _: float(text),
        "array": lambda text, _: tuple(json.loads(text)),
        "datetime": lambda text, form: datetime.strptime(text, form).replace(tzinfo=UTC),
    }
    told = {
        field["name"]: read_as[field["type"]](row[field["name"]], field.get("format"))
        for field in resource["schema"]["fields"]
        if row[field["name"]]
    }
    values = record.model_dump()
    assert told == {name: value for name, value in values.items() if value is not None}


def test_the_same_tables_have_the_same_sidecars_on_another_day(tmp_path):
    first = publish_rows(tmp_path / "a", make_records(3))
    second = publish_rows(tmp_path / "b", make_records(3), now=NOW + timedelta(days=40))
    assert first.manifest.sidecars == second.manifest.sidecars


@pytest.mark.parametrize("name", ["README.md", "datapackage.json", "open/README.md", "open/x"])
def test_a_sidecar_that_was_changed_or_added_is_found(tmp_path, name):
    folder = publish_rows(tmp_path, make_records(2)).folder
    with (folder / name).open("a") as file:
        file.write("x")
    (finding,) = verify_release(folder)
    assert finding.startswith(f"{folder / name}: ")


def test_it_is_loaded_by_name(tmp_path):
    publish_rows(tmp_path, make_records(4))
    assert "official_description" in load(output_dir=tmp_path)
    frame = load(edition="open", output_dir=tmp_path)
    assert "official_description" not in frame
    assert list(frame["code"]) == ["00100", "00101", "00102", "00103"]
    with pytest.raises(UsageError, match="shut: is no edition"):
        load(edition="shut", output_dir=tmp_path)


def test_an_address_that_repeats_licensed_words_is_left_empty(tmp_path):
    slug = "of-a_paper%20boat-with"
    addresses = [f"https://example.org/codes/00100?t=Folding-{slug}", "https://example.org/codes/1"]
    prose = f"{BOAT}, see https://example.org/codes/1 for more"
    records = [
        make_record("00100", official_description=prose, source_url=addresses[0]),
        make_record("00101", source_url=addresses[1]),
    ]
    folder = publish_rows(tmp_path, records).folder
    rows = read(folder / "open" / "codes.parquet")
    assert [row["source_url"] for row in rows] == [None, addresses[1]]
    assert verify_release(folder) == ()


def test_verify_finds_a_column_of_licensed_text_in_the_open_edition(tmp_path):
    folder = publish_rows(tmp_path, [make_record("00100", official_description=BOAT)]).folder
    shutil.copy(folder / "codes.parquet", folder / "open" / "codes.parquet")
    words = {"folding of a paper boat", "of a paper boat with"}
    assert words <= set(map(" ".join, find_licensed_words(folder, folder / "open")))
