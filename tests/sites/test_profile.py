"""Site files: what is allowed in them, and how a wrong one is told of."""

from __future__ import annotations

import pytest

from scraper.errors import UsageError
from scraper.sites.profile import SiteProfile, load_profiles, read_profile

KEYS = {
    "name": "'lantern'",
    "title": "'Lantern Index'",
    "publisher": "'Wick'",
    "origin": "'https://lantern.example'",
    "hosts": "['lantern.example']",
    "code_paths": "{ CPT = '/index/{code}' }",
}


@pytest.fixture
def write_site(tmp_path):
    def write(tables: str = "", **keys: str):
        lines = [f"{key} = {value}" for key, value in (KEYS | keys).items() if value]
        file = tmp_path / "lantern.toml"
        file.write_text("\n".join([*lines, tables]), encoding="utf-8")
        return file

    return write


def refusal(file) -> str:
    with pytest.raises(UsageError) as raised:
        load_profiles(file.parent)
    message = str(raised.value)
    assert "\n" not in message
    start, end = f"{file}: ", "; see docs/add-a-site.md"
    assert message.startswith(start)
    assert message.endswith(end)
    return message[len(start) : -len(end)]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ("colour = 'red'", "colour: Extra inputs are not permitted"),
        ("[labels]\nofficial = ['x']", "labels.official: Extra inputs are not permitted"),
        ("[select.facts]\nrow = 'a'\nlabel = 'b'", "select.facts.value: Field required"),
        ("pace_seconds = -1", "pace_seconds: Input should be greater than or equal to 0"),
        ("[boilerplate]\ngates = 'x'", "boilerplate.gates: Input should be a valid tuple"),
        (
            "[patterns]\nguide = ['a', '(']",
            "patterns.guide.1: '(' is no regular expression: missing ), unterminated subpattern",
        ),
        (
            "[patterns]\nmeter = ['(?i)x']",
            "patterns.meter.0: '(?i)x' is no regular expression: global flags not at the start",
        ),
        (
            "[labels]\nsection_pattern = '(a)\\1'",
            "labels.section_pattern: '(a)\\\\1' refers back to a group",
        ),
        (
            "[walls]\nnot_found = ['(?P<a>x)(?P=a)']",
            "walls.not_found.0: '(?P<a>x)(?P=a)' refers back to a group",
        ),
        ("[patterns]\nask_line = 'x'", "patterns.ask_line: 'x' has no group (?P<code>...)"),
        (
            "[patterns]\nama_copyright = 'x'",
            "patterns.ama_copyright: 'x' has no group (?P<year>...)",
        ),
        (
            "[patterns]\nhistory = '(?P<date>x) (?P<action>y)'",
            "patterns.history: '(?P<date>x) (?P<action>y)' has no group (?P<notes>...)",
        ),
        ("[patterns]\nmodifier = 'x'", "patterns.modifier: 'x' has no group (?P<label>...)"),
        (
            "[facts]\nNights = 'nights'",
            "facts.Nights: 'nights' is no page-fact column; `scraper columns` lists them",
        ),
        (
            "[facts]\nNights = 'code'",
            "facts.Nights: 'code' is no page-fact column; `scraper columns` lists them",
        ),
    ],
)
def test_a_wrong_key_is_told_in_one_line(write_site, tables, message):
    assert refusal(write_site(tables)).startswith(message)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("name", "", "name: Field required"),
        ("name", "'Lantern Index'", "name: String should match pattern"),
        ("origin", "'lantern.example'", "origin: String should match pattern"),
        ("origin", "'https://other.example'", "origin: its host must be in hosts"),
        ("origin", "'http://[::1'", "Invalid IPv6 URL"),
        ("hosts", "[]", "hosts: Tuple should have at least 1 item"),
        ("hosts", "['https://lantern.example']", "hosts.0: String should match pattern"),
        ("hosts", "['Lantern.example']", "hosts.0: String should match pattern"),
        ("code_paths", "{}", "code_paths: Dictionary should have at least 1 item"),
        (
            "code_paths",
            "{ CPT = '/index' }",
            "code_paths.CPT must start with / and hold one {code}",
        ),
        (
            "code_paths",
            "{ CPT = '{code}' }",
            "code_paths.CPT must start with / and hold one {code}",
        ),
        (
            "code_paths",
            "{ CPT = '/{code}/{code}' }",
            "code_paths.CPT must start with / and hold one {code}",
        ),
        ("code_paths", "{ LOINC = '/{code}' }", "code_paths.LOINC.[key]: Input should be 'CPT'"),
    ],
)
def test_a_wrong_value_is_told_with_its_key(write_site, key, value, message):
    assert refusal(write_site(**{key: value})).startswith(message)


@pytest.mark.parametrize("text", [b"name = ", b"name = 'a'\nname = 'b'", b"name = '\xff'"])
def test_a_file_that_is_no_toml_is_named(tmp_path, text):
    file = tmp_path / "lantern.toml"
    file.write_bytes(text)
    assert refusal(file)


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    file = tmp_path / "lantern.toml"
    file.mkdir()
    assert "Is a directory" in refusal(file)


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_sites_folder_that_is_none_is_named(tmp_path, name):
    folder = tmp_path / name
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=f"^{folder}: sites_dir is no folder; make it or unset it"):
        load_profiles(folder)


def test_sites_of_a_folder_stand_beside_the_built_in_ones(write_site):
    folder = write_site().parent
    (folder / "notes.txt").write_text("not a site", encoding="utf-8")
    assert list(load_profiles(folder)) == ["codingahead", "lantern", "sample"]
    assert list(load_profiles()) == ["codingahead", "sample"]


def test_a_site_of_the_folder_stands_for_the_built_in_one_of_its_name(write_site):
    assert load_profiles(write_site(name="'sample'").parent)["sample"].title == "Lantern Index"


def test_a_minimal_file_is_enough(write_site):
    profile = read_profile(write_site())
    assert (profile.pace_seconds, profile.fictional, profile.sitemap) == (5.0, False, None)
    assert profile.complete_marks == ("</html>",)
    assert not profile.is_furniture("")


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/index/{code}", "/index/99042"),
        ("/index/{code}.html", "/index/99042.html"),
        ("/cpt-{code}/info", "/cpt-99042/info"),
        ("/look.up?q={code}", "/look.up?q=99042"),
        ("/{x}/{code}", "/{x}/99042"),
    ],
)
def test_the_address_of_a_code_and_the_code_of_an_address_agree(write_site, path, url):
    profile = read_profile(write_site(code_paths=f"{{ CPT = '{path}' }}"))
    assert profile.url_of_code("99042") == f"https://lantern.example{url}"
    assert profile.code_of_url(f"https://lantern.example{url}") == "99042"
    assert profile.code_of_url(f"https://lantern.example{url}x") is None
    assert profile.code_of_url("https://lantern.example/") is None


def test_a_site_without_pages_of_a_system_has_no_address_for_it(write_site):
    assert read_profile(write_site()).url_of_code("J1885") is None


@pytest.mark.parametrize(
    ("url", "is_home"),
    [
        ("https://lantern.example/x", True),
        ("http://LANTERN.example:8080/", True),
        ("https://user@lantern.example/", True),
        ("https://lantern.example.evil.example/", False),
        ("https://evil.example/?lantern.example", False),
        ("lantern.example/x", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_a_host_is_a_sites_own_as_a_whole(write_site, url, is_home):
    assert read_profile(write_site()).is_home_of(url) is is_home


@pytest.mark.parametrize("profile", load_profiles().values(), ids=lambda profile: profile.name)
def test_a_built_in_site_gives_each_label_its_own_column(profile: SiteProfile):
    columns = [column for column in profile.facts.values() if column]
    assert len(columns) == len(set(columns)) > 15
    assert profile.is_furniture(profile.labels.official_description[0])
    assert all(map(profile.is_furniture, profile.boilerplate.gates))


def test_the_live_site_is_known_by_all_its_hosts():
    profile = load_profiles()["codingahead"]
    for host in ("www", "webhooks", "case2code"):
        url = f"https://{host}.codingahead.com/cpt/codes/63020"
        assert profile.code_of_url(url) == "63020"
    assert profile.pace_seconds >= 5
    assert not profile.fictional
