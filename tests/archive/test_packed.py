"""Zip, tar and WACZ: read within their caps, and nothing of a hostile one gets out."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import time
import zipfile

import pytest

from .packed import PAGE, URL, WARC, entry, har, mhtml, read, tarred, wacz, zipped

MEMBERS = [
    ("a.html", PAGE),
    ("b/c.har", har(entry())),
    ("b/d.mhtml", mhtml()),
    ("b/e.warc", WARC),
    ("b/f.warc.gz", gzip.compress(WARC, mtime=0)),
    ("g.txt", b"invented words"),
]
NAMES = [name for name, _ in MEMBERS]
PACKERS = {
    "x.zip": zipped,
    "x.tar": tarred,
    "x.tar.gz": lambda members: tarred(members, "w:gz"),
    "x.tgz": lambda members: tarred(members, "w:gz"),
    "x.tar.bz2": lambda members: tarred(members, "w:bz2"),
}
each_packer = pytest.mark.parametrize("name", PACKERS)


@pytest.fixture
def bring(tmp_path, monkeypatch):
    """Reads an archive in a folder of its own, which holds nothing else afterwards."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def _bring(name, content, **options):
        path = folder / name
        path.write_bytes(content)
        found = read(path, **options)
        assert [child.name for child in tmp_path.rglob("*")] == ["folder", name]
        path.unlink()
        return found

    return _bring


def inside(refused, name):
    """The reasons by the name inside the archive."""
    return {key.removeprefix(f"{name}/"): reason for key, reason in refused.items()}


@each_packer
def test_all_that_can_be_imported_is_read_inside_too(bring, name):
    pages, refused = bring(name, PACKERS[name](MEMBERS))
    assert [page.name for page in pages] == [f"{name}/{member}" for member in NAMES]
    assert {page.url for page in pages} == {URL, None}
    assert refused == {}


@each_packer
def test_names_are_chosen_as_in_a_folder(bring, name):
    members = [
        ("page_files/frame.html", PAGE),
        ("./page.html", PAGE),
        ("other_files/kept.html", PAGE),
        (".hidden/a.html", PAGE),
        ("__MACOSX/._page.html", b"\0\5"),
        ("style.css", b"p {}"),
    ]
    pages, refused = bring(name, PACKERS[name](members))
    wanted = [f"{name}/page.html", f"{name}/other_files/kept.html"]
    assert [page.name for page in pages] == wanted
    assert inside(refused, name) == {"style.css": "unknown_type"}


@each_packer
def test_hostile_members_are_named_and_the_rest_is_read(bring, name):
    members = [
        ("../up.html", PAGE),
        ("/etc/absolute.html", PAGE),
        ("C:\\drive.html", PAGE),
        ("a/../../b.html", PAGE),
        ("..\\up.html", PAGE),
        ("n" * 1_001 + ".html", PAGE),
        ("empty.html", b""),
        ("large.html", b"x" * 20_001),
        ("binary.html", b"\x89PNG"),
        ("in.zip", zipped(MEMBERS)),
        ("in.tar.gz", tarred(MEMBERS, "w:gz")),
        ("two\nlines.html", b"%PDF"),
        ("good.html", PAGE),
    ]
    pages, refused = bring(name, PACKERS[name](members))
    assert [page.name for page in pages] == [f"{name}/good.html"]
    reasons = inside(refused, name)
    assert len(reasons) == 12
    assert {reasons.pop(key) for key in list(reasons) if key.startswith("nnn")} == {"bad_name"}
    assert {key: reason for key, reason in reasons.items() if reason != "bad_name"} == {
        "empty.html": "empty",
        "large.html": "too_large",
        "binary.html": "binary",
        "in.zip": "nested",
        "in.tar.gz": "nested",
        "two\\nlines.html": "binary",
    }


@each_packer
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_second_of_two_members_of_one_name_is_refused(bring, name):
    members = [("a.html", PAGE), ("./a.html", b"another"), ("a.html", b"a third")]
    pages, refused = bring(name, PACKERS[name](members))
    assert [page.body for page in pages] == [PAGE]
    assert inside(refused, name) == {"a.html": "duplicate", "./a.html": "duplicate"}


@each_packer
def test_the_number_of_members_and_of_bytes_is_capped(bring, name):
    packed = PACKERS[name](MEMBERS)
    pages, refused = bring(name, packed, members=3)
    assert refused == {name: "too_many"}
    assert len(pages) == (0 if name == "x.zip" else 3)
    pages, refused = bring(name, packed, total_bytes=len(PAGE) + 10)
    assert len(pages) == 1
    assert list(refused.values()) == ["too_large"]


@each_packer
def test_a_warc_file_inside_has_a_cap_of_its_own(bring, name):
    packed = PACKERS[name]([("a.warc", WARC), ("b.html", PAGE)])
    pages, refused = bring(name, packed, member_bytes=len(WARC) - 1)
    assert [page.name for page in pages] == [f"{name}/b.html"]
    assert inside(refused, name) == {"a.warc": "too_large"}


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.tar.bz2"])
def test_a_bomb_is_told_by_its_ratio_before_it_is_read(bring, name):
    bomb = PACKERS[name]([("a.warc", b"\0" * 100_000_000), ("b.html", PAGE)])
    assert len(bomb) < 120_000
    start = time.monotonic()
    pages, refused = bring(name, bomb)
    assert time.monotonic() - start < 2
    assert "too_large" in refused.values()
    assert len(pages) == (1 if name == "x.zip" else 0)


@each_packer
def test_an_archive_cut_anywhere_is_named(bring, name):
    packed = PACKERS[name](MEMBERS)
    end = len(packed) if name != "x.tar" else len(packed.rstrip(b"\0")) + 512
    for size in range(0, end, max(1, end // 60)):
        pages, refused = bring(name, packed[:size] or b"\0")
        assert refused, size
        assert all(page.body in {PAGE, b"invented words"} for page in pages if page.name != "b")


def test_a_member_that_is_no_zip_method_of_ours_is_named(bring):
    packed = zipped(MEMBERS, zipfile.ZIP_LZMA)
    _, refused = bring("x.zip", packed)
    assert set(refused.values()) == {"unknown_coding"}


def test_links_and_encrypted_members_of_a_zip_are_refused(bring):
    link, locked = zipfile.ZipInfo("link.html"), zipfile.ZipInfo("locked.html")
    link.external_attr = 0o120777 << 16
    packed = bytearray(zipped([(link, b"/etc/passwd"), (locked, PAGE), ("a.html", PAGE)]))
    directory = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 1)
    packed[directory + 8] |= 1
    pages, refused = bring("x.zip", bytes(packed))
    assert [page.name for page in pages] == ["x.zip/a.html"]
    assert inside(refused, "x.zip") == {"link.html": "link", "locked.html": "encrypted"}


def test_members_of_a_zip_that_overlap_are_refused(bring):
    """Two entries of the directory name the same bytes, as in a bomb without recursion."""
    packed = zipped([("a.html", PAGE), ("b.html", PAGE), ("c.html", PAGE)])
    second = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 1)
    hostile = packed[: second + 42] + struct.pack("<I", 0) + packed[second + 46 :]
    pages, refused = bring("x.zip", hostile)
    assert [page.name for page in pages] == ["x.zip/c.html"]
    assert inside(refused, "x.zip") == {"a.html": "damaged", "b.html": "damaged"}


@pytest.mark.parametrize("field", [16, 20, 24, 42])
def test_a_zip_that_lies_about_a_crc_a_size_or_a_place_is_damaged(bring, field):
    packed = zipped([("a.html", PAGE), ("b.html", PAGE)])
    first = packed.index(b"PK\x01\x02") + field
    (value,) = struct.unpack("<I", packed[first : first + 4])
    for lie in (value + 1, max(0, value - 1), 0x7FFFFFFF, 0xFFFFFFFF):
        if lie == value:
            continue
        hostile = packed[:first] + struct.pack("<I", lie) + packed[first + 4 :]
        pages, refused = bring("x.zip", hostile)
        assert all(page.body == PAGE for page in pages)
        assert refused or len(pages) == 2  # a byte more or less after the end is no matter


def test_a_directory_of_a_zip64_without_end_is_not_read(bring):
    packed = zipped([("a.html", PAGE)])
    end = packed.index(b"PK\x05\x06")
    huge = (2**60, 2**60, 2**60)
    record = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, *huge)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    tail = packed[end : end + 8] + b"\xff" * 12 + b"\0\0"
    assert bring("x.zip", packed[:end] + record + locator + tail) == ([], {"x.zip": "damaged"})


def test_a_directory_too_large_to_hold_is_not_read(bring):
    packed = zipped([("a.html", PAGE)])
    end = packed.index(b"PK\x05\x06")
    size = (1 << 25) + 1
    tail = packed[end : end + 12] + struct.pack("<LLH", size, 0, 0)
    assert bring("x.zip", b"\0" * size + tail) == ([], {"x.zip": "damaged"})


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def test_links_devices_and_pipes_of_a_tar_are_refused(bring):
    members = [
        special("soft.html", tarfile.SYMTYPE, "/etc/passwd"),
        special("hard.html", tarfile.LNKTYPE, "a.html"),
        special("device.html", tarfile.CHRTYPE),
        special("pipe.html", tarfile.FIFOTYPE),
        special("folder.html", tarfile.DIRTYPE),
        ("a.html", PAGE),
    ]
    pages, refused = bring("x.tar", tarred(members))
    assert [page.name for page in pages] == ["x.tar/a.html"]
    assert inside(refused, "x.tar") == {
        "soft.html": "link",
        "hard.html": "link",
        "device.html": "unreadable",
        "pipe.html": "unreadable",
    }


def test_a_damaged_head_within_a_tar_is_told_and_not_taken_for_its_end(bring):
    packed = bytearray(tarred([("a.html", PAGE), ("b.html", PAGE), ("c.html", PAGE)]))
    packed[1024] ^= 1
    pages, refused = bring("x.tar", bytes(packed))
    assert [page.name for page in pages] == ["x.tar/a.html"]
    assert refused == {"x.tar": "damaged"}


def headed(keywords, kind=tarfile.XHDTYPE):
    info = tarfile.TarInfo("pax")
    info.type = kind
    return info, keywords


@pytest.mark.parametrize(
    "hostile",
    [
        headed(b"30 path=" + b"a" * 400_000),
        headed(b"18 size=-100000000\n"),
        headed(b"12 size=-512\n"),
        headed(b"24 GNU.sparse.major=1\n\n\n\n"),
        headed(b"99999999999 path=a\n"),
        headed(b"0 path=a\n"),
        headed(b"a" * 400_000, tarfile.GNUTYPE_LONGNAME),
        headed(b"\xff\xfe\xfd", tarfile.GNUTYPE_LONGNAME),
    ],
)
def test_a_hostile_head_of_a_tar_ends_it_and_costs_nothing(bring, hostile):
    packed = tarred([("a.html", PAGE), hostile, ("b.html", PAGE)])
    start = time.monotonic()
    pages, _ = bring("x.tar.gz", gzip.compress(packed))
    assert time.monotonic() - start < 2
    assert pages[0].name == "x.tar.gz/a.html"


def test_heads_upon_heads_without_end_are_no_crash(bring):
    heads = [headed(b"12 mtime=512\n")] * 5_000
    pages, refused = bring("x.tar", tarred([("a.html", PAGE), *heads, ("b.html", PAGE)]))
    assert len(pages) == 1
    assert refused == {"x.tar": "damaged"}


def test_a_wrong_crc_at_the_end_of_a_packed_tar_is_told(bring):
    packed = bytearray(tarred(MEMBERS, "w:gz"))
    packed[-8] ^= 1
    pages, refused = bring("x.tgz", bytes(packed))
    assert len(pages) == len(MEMBERS)
    assert refused == {"x.tgz": "damaged"}


def test_xz_and_what_is_no_tar_are_refused_by_name(bring):
    assert bring("x.tar.xz", lzma.compress(b"a")) == ([], {"x.tar.xz": "unknown_coding"})
    assert bring("x.tar", b"words " * 500) == ([], {"x.tar": "damaged"})
    assert bring("x.tar", PAGE) == ([], {"x.tar": "damaged"})
    assert bring("x.zip", PAGE) == ([], {"x.zip": "damaged"})
    assert bring("x.tar.bz2", bz2.compress(b"a")) == ([], {"x.tar.bz2": "damaged"})


def test_an_address_is_found_by_each_name_of_a_member(bring):
    urls = {"x.zip/b/1.html": f"{URL}1", "b/2.html": f"{URL}2", "3.html": f"{URL}3"}
    packed = zipped([(f"b/{number}.html", PAGE) for number in range(1, 4)])
    assert [page.url for page in bring("x.zip", packed, urls=urls)[0]] == list(urls.values())


def test_a_wacz_gives_the_pages_of_its_warc_files_alone(bring):
    (page,), refused = bring("x.wacz", wacz())
    assert (page.name, page.url, page.body) == ("x.wacz/archive/a.warc", URL, PAGE)
    assert (page.status, refused) == (200, {})


def test_a_warc_of_a_wacz_with_another_digest_is_refused(bring):
    wrong = wacz(digest="sha256:" + "0" * 64)
    assert bring("x.wacz", wrong) == ([], {"x.wacz/archive/a.warc": "damaged"})
    assert len(bring("x.wacz", wacz(digest="owl:0"))[0]) == 1


@pytest.mark.parametrize(
    "package", [b"{", b"[]", b"[" * 100_000, b'{"resources": [5]}', b'{"resources": {}}', b"\xff"]
)
def test_a_package_that_cannot_be_read_is_told_and_the_pages_are_read(bring, package):
    packed = zipped(
        [("archive/a.warc.gz", gzip.compress(WARC, mtime=0)), ("datapackage.json", package)]
    )
    pages, refused = bring("x.wacz", packed)
    assert len(pages) == 1
    assert refused == {"x.wacz/datapackage.json": "damaged"}


def test_a_warc_that_is_missing_in_a_wacz_is_named(bring):
    resources = [{"path": "archive/gone.warc.gz", "hash": "sha256:0"}]
    pages, refused = bring("x.wacz", wacz(resources=resources))
    assert len(pages) == 1
    assert refused == {"x.wacz/archive/gone.warc.gz": "missing"}
    assert bring("x.wacz", zipped(MEMBERS)) == ([], {"x.wacz": "empty"})
    assert bring("x.wacz", b"no zip") == ([], {"x.wacz": "damaged"})


@each_packer
def test_a_wacz_may_be_in_an_archive(bring, name):
    pages, refused = bring(name, PACKERS[name]([("a.wacz", wacz())]))
    assert [page.name for page in pages] == [f"{name}/a.wacz/archive/a.warc"]
    assert refused == {}


def mutated(content, chance):
    data = bytearray(content)
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] ^= 1 << chance.randrange(8)
            case 1:
                data[place : place + 4] = chance.randbytes(4)
            case 2:
                del data[place : place + chance.randrange(1, 100)]
            case _:
                data[place:place] = data[place // 2 : place // 2 + chance.randrange(600)]
        data = data or bytearray(b"x")
    return bytes(data[: chance.randrange(1, len(data) + 1)] if chance.random() < 0.2 else data)


SUBJECTS = {
    **{name: pack(MEMBERS) for name, pack in PACKERS.items()},
    "y.tar.gz": gzip.compress(b""),
    "x.wacz": wacz(),
    "x.har": har(entry(), entry(), entry(text="PGI+", content={"encoding": "base64"})),
    "x.mhtml": mhtml(),
    "y.mht": mhtml(coding="base64"),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_no_mutation_crashes_hangs_or_writes(bring, name):
    chance = random.Random(name)
    subject = SUBJECTS[name]
    start = time.monotonic()
    seen = 0
    for turn in range(300):
        content = mutated(subject, chance)
        if name == "y.tar.gz":  # mutations that the CRC of gzip does not hide
            content = gzip.compress(mutated(PACKERS["x.tar"](MEMBERS), chance), mtime=0)
        pages, refused = bring(name, content)
        seen += bool(pages) + bool(refused)
        assert pages or refused or name.endswith("har"), turn
    assert seen
    assert time.monotonic() - start < 60


def test_what_is_read_again_is_the_same(bring):
    out = io.BytesIO(zipped(MEMBERS))
    first = bring("x.zip", out.getvalue())
    assert first == bring("x.zip", out.getvalue())


def test_an_entry_whose_name_begins_with_nul_is_refused_and_the_rest_is_read(bring):
    content = zipped([("!.html", PAGE), ("a.html", PAGE)]).replace(b"!.html", b"\0.html")
    pages, refused = bring("x.zip", content)
    assert [page.name for page in pages] == ["x.zip/a.html"]
    assert len(refused) == 1
