"""The command as a process of its own: signals, pipes, both ways to start it."""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pipeline.ground import ROWS, capture_of, keep, page_of

from scraper import __version__
from scraper.archive.store import Archive
from scraper.publish.verify import verify_release
from scraper.sample.server import SampleServer

COMMAND = Path(sys.executable).with_name("scraper")
TIMEOUT = 60


def start(*words, **options):
    values = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    module = [sys.executable, "-m", "scraper", *words]
    return subprocess.Popen(module, **(values | options))


def finish(child):
    out, err = child.communicate(timeout=TIMEOUT)
    return child.returncode, out, err


def complaints(err):
    return [line for line in err.splitlines() if line.startswith("scraper: ")]


@pytest.mark.skipif(not COMMAND.exists(), reason="the command is not installed beside Python")
def test_the_command_and_the_module_are_one(home):
    by_name = subprocess.check_output([COMMAND, "sites", "--json"], timeout=TIMEOUT)
    code, out, err = finish(start("sites", "--json"))
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads(by_name)
    assert finish(start("--version"))[1].strip().endswith(__version__)


@pytest.fixture
def handlers():
    """The signals as they are; the test may change them."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("is_ignored", [False, True])
def test_the_module_runs_the_command_line(home, handlers, monkeypatch, capsys, is_ignored):
    """An interrupt that the shell told to ignore, as of a job in the background, stays ignored."""
    before = signal.SIG_IGN if is_ignored else signal.default_int_handler
    signal.signal(signal.SIGINT, before)
    monkeypatch.setattr(sys, "argv", ["scraper", "index"])
    runpy.run_module("scraper", run_name="__main__")
    assert capsys.readouterr().out == "raw/ holds no pages\n"
    assert (signal.getsignal(signal.SIGINT) is signal.SIG_IGN) == is_ignored
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


def wait_for_captures(raw, count, child):
    """Return once the run has kept so many pages, or has ended."""
    segment = raw / "sample" / "sample-00001.warc.gz"
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        with suppress(subprocess.TimeoutExpired):
            child.wait(0.02)
            return
        if segment.exists() and segment.stat().st_size > count * 2_000:
            return


def interrupt_group(child):
    """Interrupt the run and its workers, as Ctrl-C at a terminal does."""
    os.killpg(child.pid, signal.SIGINT)


def interrupt_alone(child):
    child.send_signal(signal.SIGINT)


@pytest.fixture
def slow_site(home, monkeypatch):
    with SampleServer(crawl_delay=0.02) as server:
        monkeypatch.setenv("SCRAPER_ORIGIN", server.url)
        yield server


@pytest.mark.parametrize("interrupt", [interrupt_group, interrupt_alone])
def test_an_interrupted_scrape_ends_with_130_and_one_line_and_loses_nothing(
    home, slow_site, interrupt
):
    child = start("scrape", start_new_session=True)
    wait_for_captures(home / "raw", 5, child)
    interrupt(child)
    code, out, err = finish(child)
    assert (code, out) == (130, "")
    assert "Traceback" not in err
    assert complaints(err) == [
        "scraper: interrupted; what was fetched is kept, run the command again to go on"
    ]
    with Archive.open(home / "raw") as archive:
        held = len(list(archive.pages()))
    assert held > 0
    code, out, err = finish(start("scrape", "--json"))
    assert code == 0, err
    told = json.loads(out)
    assert told["fetch"]["pages_fetched"] == 109 - held
    assert told["build"]["rows"] == len(ROWS)
    assert verify_release(home / "output" / "latest") == ()


def test_the_sample_site_is_served_until_the_interrupt(home):
    child = start("sample", "serve", "--port", "0")
    line = child.stdout.readline()
    url = next(word for word in line.split() if word.startswith("http://"))
    assert "109 fictional codes" in line
    connection = HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=10)
    connection.request("GET", f"/cpt/codes/{ROWS[0]}")
    response = connection.getresponse()
    assert (response.status, b"</html>" in response.read()) == (200, True)
    connection.close()
    child.send_signal(signal.SIGINT)
    code, _, err = finish(child)
    assert code == 130
    assert "Traceback" not in err
    assert len(complaints(err)) == 1


def test_a_port_that_is_taken_is_named(home):
    holder = start("sample", "serve", "--port", "0")
    port = str(urlsplit(holder.stdout.readline().split()[5]).port)
    code, _, err = finish(start("sample", "serve", "--port", port))
    holder.send_signal(signal.SIGINT)
    finish(holder)
    assert code == 2
    assert port in complaints(err)[0]


@pytest.mark.parametrize("words", ["columns", "show 99216 --raw", "parse page.html --json"])
def test_a_reader_who_closes_the_pipe_gets_no_traceback(home, words):
    keep(home / "raw", capture_of("99216"))
    Path("page.html").write_bytes(page_of("99216"))
    read, write = os.pipe()
    os.close(read)
    child = start(*words.split(), stdout=write)
    os.close(write)
    _, err = child.communicate(timeout=TIMEOUT)
    assert (child.returncode, err) == (1, "")


def test_an_encoding_without_the_letters_of_a_page_is_no_crash(home):
    Path("page.html").write_text("<html><p>Moon \N{CRESCENT MOON}</p></html>", "utf-8")
    environment = os.environ | {"PYTHONIOENCODING": "latin-1:strict"}
    name = os.fsdecode(b"\xff.html")
    Path(name).write_bytes(Path("page.html").read_bytes())
    code, out, err = finish(start("parse", "--json", "page.html", name, env=environment))
    assert (code, err) == (0, "")
    assert [json.loads(line)["file"] for line in out.splitlines()] == ["page.html", "\\xff.html"]


def test_verbose_logs_to_standard_error_and_results_stay_alone_on_standard_output(home):
    Path("page.html").write_text("<html><p>Moon</p></html>", "utf-8")
    assert finish(start("import", "page.html", "--site", "sample"))[0] == 0
    code, out, err = finish(start("--verbose", "build", "--json"))
    assert code == 0
    assert json.loads(out)["rows"] == 0
    assert "Traceback" not in err


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_crash_and_no_file_gets_its_number(home, closed):
    keep(home / "raw", capture_of("99216"))
    shell = f'exec "{sys.executable}" -m scraper build {closed}'
    ended = subprocess.run(["sh", "-c", shell], capture_output=True, timeout=TIMEOUT, check=False)
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr
    assert verify_release(home / "output" / "latest") == ()


def test_a_run_that_is_asked_to_end_leaves_nothing_behind(home, slow_site):
    child = start("scrape", start_new_session=True)
    wait_for_captures(home / "raw", 5, child)
    child.send_signal(signal.SIGTERM)
    code, out, err = finish(child)
    assert (code, out) == (130, "")
    assert complaints(err) == err.strip().splitlines()
    assert not list((home / "raw").glob("*-journal"))
