"""Wrong command lines, settings and files: one clear line, a documented exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from pipeline.ground import (
    run,
)

BAD_TOML = {
    "syntax.toml": "site = ",
    "key.toml": 'sitte = "sample"',
    "type.toml": "workers = 'many'",
    "zero.toml": "workers = 0",
    "negative.toml": "refresh_days = -1",
    "origin.toml": 'origin = "ftp://x"',
    "table.toml": "[workers]\nmost = 2",
    "port.toml": "sample_port = 70000",
}
BAD_SITES = {
    "syntax": "name = ",
    "empty": "",
    "pattern": 'name = "x"\ntitle = "x"\npublisher = "x"\norigin = "http://x"\nhosts = ["x"]\n'
    'code_paths = {CPT = "/{code}"}\n[patterns]\nask_line = "("\n',
    "path": 'name = "x"\ntitle = "x"\npublisher = "x"\norigin = "http://x"\nhosts = ["x"]\n'
    'code_paths = {CPT = "/code"}\n',
}


@pytest.fixture
def trap(golden):
    """A home with a release, and everything in it that a person could trip over."""
    Path("folder").mkdir()
    Path("file").write_text("text")
    Path("binary").write_bytes(b"\x89PNG\r\n\x00")
    Path("latin").write_bytes(b"caf\xe9")
    Path("codes.txt").write_text("99216\nnonsense\n")
    for name in ("bad.zip", "bad.tar.gz", "bad.wacz", "bad.har", "bad.mhtml"):
        Path(name).write_bytes(b"no such file")
    Path("none.txt").write_text("# no code at all\n")
    Path("list").write_text("page.html\n")
    Path("cut.warc.gz").write_bytes(Path("raw/sample/sample-00001.warc.gz").read_bytes()[:900])
    for name, text in BAD_TOML.items():
        Path(name).write_text(text)
    for name, text in BAD_SITES.items():
        Path(f"site-{name}").mkdir()
        Path(f"site-{name}/bad.toml").write_text(text)
    return golden


CRAWL = ["--common-crawl", "http://127.0.0.1:1/i"]
LOCAL = {"COMMON_CRAWL_DATA": "http://127.0.0.1:1"}
WRONG = [
    # words, environment, exit code, what the one line names
    (["moon"], {}, 2, "moon"),
    ([], {}, 2, ""),
    (["sample"], {}, 2, ""),
    (["plan", "--moon"], {}, 2, "--moon"),
    (["show"], {}, 2, "CODE"),
    (["import"], {}, 2, "PATHS"),
    (["parse"], {}, 2, "FILES"),
    (["columns", "--table", "moon"], {}, 2, "moon"),
    (["sample", "serve", "--port", "moon"], {}, 2, "moon"),
    (["sample", "serve", "--port", "70000"], {}, 2, "70000"),
    (["sample", "serve", "--views", "-1"], {}, 2, "-1"),
    (["plan", "moon"], {}, 2, "moon"),
    (["plan", "99216-"], {}, 2, "99216-"),
    (["plan", "99217-99216"], {}, 2, "99217-99216"),
    (["plan", "0001T-0002F"], {}, 2, "0001T-0002F"),
    (["plan", "٦٣٠٢٠"], {}, 2, "٦٣٠٢٠"),
    (["plan", "@gone.txt"], {}, 2, "gone.txt"),
    (["plan", "@folder"], {}, 2, "folder"),
    (["plan", "@latin"], {}, 2, "latin"),
    (["plan", "@codes.txt"], {}, 2, "codes.txt:2"),
    (["plan", "@none.txt"], {}, 2, "none.txt"),
    (["scrape", "@none.txt"], {}, 2, "none.txt"),
    (["fetch", ","], {}, 2, "names no code"),
    (["show", "moon"], {}, 2, "moon"),
    (["show", "99215", "--raw"], {}, 2, "99215"),
    (["plan", "--site", "moon"], {}, 2, "moon"),
    (["scrape", "--site", "moon"], {}, 2, "moon"),
    (["fetch", "--site", "codingahead", "99216"], {}, 2, "contact"),
    (["build", "--site", "moon"], {}, 2, "moon"),
    (["build", "--site", "codingahead"], {}, 2, "holds no pages"),
    (["import", "--site", "moon", "file"], {}, 2, "moon"),
    (["parse", "--site", "moon", "file"], {}, 2, "moon"),
    (["import", "file", "--url-list", "gone"], {}, 2, "gone"),
    (["import", "file", "--url-list", "folder"], {}, 2, "folder"),
    (["import", "file", "--url-list", "latin"], {}, 2, "latin"),
    (["import", "file", "--url-list", "list"], {}, 2, "list:1"),
    (["import", "gone.html"], {}, 1, "gone.html"),
    (["import", "folder"], {}, 1, "folder"),
    (["import", "binary"], {}, 1, "binary"),
    (["import", "/dev/null"], {}, 1, "/dev/null"),
    (["import", "cut.warc.gz"], {}, 1, "cut.warc.gz"),
    (["import", "x" * 300], {}, 1, "xxx"),
    (["import", "bad.zip"], {}, 1, "bad.zip"),
    (["import", "bad.tar.gz"], {}, 1, "bad.tar.gz"),
    (["import", "bad.wacz"], {}, 1, "bad.wacz"),
    (["import", "bad.har"], {}, 1, "bad.har"),
    (["import", "bad.mhtml"], {}, 1, "bad.mhtml"),
    (["parse", "bad.har"], {}, 1, "bad.har"),
    (["import", "--common-crawl", "http://127.0.0.1:1/i"], {}, 2, "--prefix"),
    (["import", "--prefix", "127.0.0.1/"], {}, 2, "--common-crawl"),
    (["import", "file", *CRAWL, "--prefix", "127.0.0.1/"], {}, 2, "PATHS"),
    (["import", *CRAWL, "--prefix", "moon.example/"], {}, 2, "moon.example"),
    (["import", *CRAWL, "--prefix", "127.0.0.1/"], {}, 2, "contact"),
    (["import", *CRAWL, "--prefix", "127.0.0.1/"], LOCAL, 1, "127.0.0.1:1/i"),
    (["sites"], {"COMMON_CRAWL_DATA": "moon"}, 2, "SCRAPER_COMMON_CRAWL_DATA"),
    (["parse", "gone.html"], {}, 1, "gone.html"),
    (["parse", "folder"], {}, 1, "folder"),
    (["parse", "x" * 300], {}, 1, "xxx"),
    (["verify", "2000.01.01"], {}, 4, "2000.01.01"),
    (["verify", "x" * 300], {}, 4, "xxx"),
    (["verify", ".."], {}, 4, "output"),
    (["--config", "gone.toml", "sites"], {}, 2, "gone.toml"),
    (["--config", "folder", "sites"], {}, 2, "folder"),
    (["--config", "latin", "sites"], {}, 2, "latin"),
    *((["--config", name, "sites"], {}, 2, name) for name in BAD_TOML),
    (["sites"], {"CONFIG": "gone.toml"}, 2, "gone.toml"),
    (["sites"], {"WORKERS": "many"}, 2, "SCRAPER_WORKERS"),
    (["sites"], {"PACE_SECONDS": "-1"}, 2, "SCRAPER_PACE_SECONDS"),
    (["sites"], {"MAX_PAGE_BYTES": "0"}, 2, "SCRAPER_MAX_PAGE_BYTES"),
    (["sites"], {"PACE_SECONDS": "inf"}, 2, "SCRAPER_PACE_SECONDS"),
    (["sites"], {"DEADLINE_SECONDS": "nan"}, 2, "SCRAPER_DEADLINE_SECONDS"),
    (["sites"], {"PARSE_SECONDS": "1e300"}, 2, "SCRAPER_PARSE_SECONDS"),
    (["sites"], {"PARSE_MEGABYTES": "9" * 20}, 2, "SCRAPER_PARSE_MEGABYTES"),
    (["sites"], {"SEGMENT_MEGABYTES": "9" * 20}, 2, "SCRAPER_SEGMENT_MEGABYTES"),
    (["sites"], {"REFRESH_DAYS": "9" * 11}, 2, "SCRAPER_REFRESH_DAYS"),
    (["sites"], {"WORKERS": "9" * 11}, 2, "SCRAPER_WORKERS"),
    (["sites"], {"ORIGIN": "moon"}, 2, "SCRAPER_ORIGIN"),
    (["sites"], {"ORIGIN": "http://[::1"}, 2, "http://[::1"),
    (["verify"], {"OUTPUT_DIR": "~nobody-lives-here/x"}, 2, "SCRAPER_OUTPUT_DIR"),
    (["sites"], {"SITES_DIR": "gone"}, 2, "gone"),
    (["sites"], {"SITES_DIR": "file"}, 2, "file"),
    *((["sites"], {"SITES_DIR": f"site-{name}"}, 2, "bad.toml") for name in BAD_SITES),
    (["plan"], {"SITE": "moon"}, 2, "moon"),
    (["fetch", "99216"], {"CONTACT": "moon"}, 2, "moon"),
    (["build"], {"RAW_DIR": "gone"}, 2, "gone"),
    (["build"], {"RAW_DIR": "file"}, 2, "file"),
    (["fetch", "99216"], {"RAW_DIR": "file"}, 6, "file"),
    (["fetch", "99216"], {"RAW_DIR": "file/raw"}, 6, "file"),
    (["import", "file", "--site", "sample"], {"RAW_DIR": "file"}, 6, "file"),
    (["import", "file", "--site", "sample"], {"RAW_DIR": "x" * 300}, 6, "xxx"),
    (["build"], {"OUTPUT_DIR": "file"}, 6, "file"),
    (["build"], {"OUTPUT_DIR": "file/output"}, 6, "file"),
    (["verify"], {"OUTPUT_DIR": "file"}, 4, "file"),
    (["verify"], {"OUTPUT_DIR": "gone"}, 4, "gone"),
    (["verify"], {"OUTPUT_DIR": "x" * 300}, 6, "xxx"),
    (["sites"], {"SITES_DIR": "x" * 300}, 6, "xxx"),
]


@pytest.mark.parametrize(
    ("words", "settings", "code", "named"),
    WRONG,
    ids=[
        f"{' '.join([*map(str, e.items()), *w])[:50]}-{n}" for n, (w, e, _, _) in enumerate(WRONG)
    ],
)
def test_bad_input_is_one_clear_line_and_never_a_traceback(
    trap, monkeypatch, words, settings, code, named
):
    for name, value in settings.items():
        monkeypatch.setenv(f"SCRAPER_{name}", value)
    ended = run(*words)
    assert ended.code == code, ended.err
    assert "Traceback" not in ended.err + ended.out
    assert len(ended.complaints) == 1 or (words in ([], ["sample"]) and "Usage: " in ended.err)
    assert named in ended.err
    if ended.complaints:
        others = [line for line in ended.err.splitlines() if not line.startswith("parse: ")]
        assert others == ended.complaints
