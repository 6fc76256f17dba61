"""The contract: one CodeRecord is one row of `codes`; the other rows are those of the other tables.

Every schema, data dictionary and README table is made from these classes: the order of the fields
is the order of the columns, a field's description is the column's.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from scraper.codes import CODE_PATTERN, Category, CodeSystem

Status = Literal["active", "deleted", "unknown"]
Access = Literal["full", "gated"]
Laterality = Literal[
    "unilateral", "bilateral", "unilateral or bilateral", "left", "right", "left or right"
]
Outcome = Literal["row", "absent", "waiting", "quarantined", "no_code_page"]
Change = Literal["added", "removed", "changed"]

Text = Annotated[str, StringConstraints(min_length=1)]
Code = Annotated[str, StringConstraints(pattern=rf"^{CODE_PATTERN}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
YEARS = range(1966, 2101)  # CPT was first published in 1966
Bound = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Minutes = Annotated[int, Field(ge=0)]
Year = Annotated[int, Field(ge=YEARS.start, lt=YEARS.stop)]


class Row(BaseModel):
    """Base of the tables: frozen, strict, no unknown columns."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class CodeRecord(Row):
    """One procedure code: its descriptions, attributes, page facts, and the evidence for them."""

    code: Code = Field(description="The procedure code, as text with its leading zeros.")
    code_system: CodeSystem = Field(description="CPT, or HCPCS for Level II.")
    category: Category = Field(description="Category of the code, by its shape.")
    section: Text | None = Field(description="Section of the code book, by number range.")
    subsection: Text | None = Field(description="Subsection of the code book, by number range.")
    status: Status = Field(description="deleted or active where a page says so, else unknown.")
    status_notice: Text | None = Field(description="The page's notice of deletion, word for word.")
    replaced_by: tuple[Code, ...] = Field(description="Codes that the notice of deletion names.")

    official_description: Text | None = Field(
        description="Official descriptor, (c) American Medical Association for CPT codes."
    )
    official_stem: Text | None = Field(
        description="Descriptor up to its first semicolon: the part a family of codes shares."
    )
    official_variant: Text | None = Field(
        description="First paragraph of the descriptor after its first semicolon."
    )
    common_language_description: Text | None = Field(
        description="The publisher's description in common language, (c) of the publisher."
    )

    is_add_on: bool | None = Field(
        description="Descriptor holds `(List separately in addition to ...)`."
    )
    is_separate_procedure: bool | None = Field(
        description="Descriptor holds `(separate procedure)`."
    )
    is_unlisted: bool | None = Field(description="Descriptor begins with `Unlisted`.")
    laterality: Laterality | None = Field(
        description="Side of the body that the descriptor names; null where it names several."
    )
    anatomic_sites: tuple[Text, ...] = Field(
        description="Sites that the descriptor names, of a controlled vocabulary."
    )
    approaches: tuple[Text, ...] = Field(
        description="Approaches and techniques that the descriptor names, of such a vocabulary."
    )
    imaging_guidance: bool | None = Field(
        description="Descriptor says with or without imaging guidance; null where it says neither."
    )
    unit: Text | None = Field(description="What the code is counted by, in the singular.")
    unit_min: Bound | None = Field(description="Least count of the unit.")
    unit_max: Bound | None = Field(description="Greatest count of the unit.")
    is_each_additional: bool | None = Field(description="Descriptor says `each additional`.")
    minutes_min: Minutes | None = Field(description="Least time that the descriptor names.")
    minutes_max: Minutes | None = Field(description="Greatest time that the descriptor names.")
    age_years_min: Bound | None = Field(
        description="Least age that the descriptor names, in years."
    )
    age_years_max: Bound | None = Field(
        description="Greatest age that the descriptor names, in years."
    )
    examples: tuple[Text, ...] = Field(description="Examples of the descriptor: `(eg, ...)`.")
    parent_code: Code | None = Field(
        description="First code of the family: of those of the subsection that share the stem."
    )
    primary_codes: tuple[Code, ...] = Field(
        description="Codes that the page names as those an add-on code goes with."
    )
    mentioned_codes: tuple[Code, ...] = Field(
        description="Other codes named in notice and descriptions, in order of appearance."
    )

    short_descriptor: Text | None = Field(description="Short descriptor shown on the page.")
    medium_descriptor: Text | None = Field(description="Medium descriptor shown on the page.")
    long_descriptor: Text | None = Field(description="Long descriptor shown on the page.")
    status_code: Text | None = Field(description="Medicare fee schedule status, as shown.")
    global_days: Text | None = Field(description="Global surgery period, as shown.")
    pc_tc_indicator: Text | None = Field(description="Professional/technical indicator, as shown.")
    multiple_procedures: Text | None = Field(description="Multiple procedures (51), as shown.")
    bilateral_surgery: Text | None = Field(description="Bilateral surgery (50), as shown.")
    physician_supervision: Text | None = Field(description="Physician supervision, as shown.")
    assistant_surgeon: Text | None = Field(description="Assistant surgeon (80, 82), as shown.")
    co_surgeons: Text | None = Field(description="Co-surgeons (62), as shown.")
    team_surgery: Text | None = Field(description="Team surgery (66), as shown.")
    diagnostic_imaging_family: Text | None = Field(description="Imaging family, as shown.")
    apc_status_indicator: Text | None = Field(description="OPPS status indicator, as shown.")
    asc_payment_indicator: Text | None = Field(description="ASC payment indicator, as shown.")
    type_of_service: Text | None = Field(description="Type of service (TOS), as shown.")
    betos: Text | None = Field(description="Berenson-Eggers type of service, as shown.")
    mue: Text | None = Field(description="Medically unlikely edit value, as shown.")
    ccs_category: Text | None = Field(description="Clinical classification (CCS), as shown.")
    page_facts: tuple[Text, ...] = Field(
        description="Every other fact of the page, as `Label: value`."
    )

    site: Text = Field(description="Site profile that read the pages.")
    source_url: Text | None = Field(description="Address of the capture named by capture_sha256.")
    retrieved_at: datetime = Field(description="When that capture was retrieved or imported, UTC.")
    capture_sha256: Sha256 = Field(description="SHA-256 of the body of the newest capture used.")
    raw_file: Text = Field(description="WARC segment of that capture, relative to raw/.")
    raw_offset: Annotated[int, Field(ge=0)] = Field(description="Byte offset of its record.")
    layout: Text | None = Field(description="Layout of that page, see docs/pages.md.")
    access: Access = Field(description="gated if parts of that page ask for registration.")
    gated_sections: Annotated[int, Field(ge=0)] = Field(description="How many parts are gated.")
    ama_copyright_year: Year | None = Field(description="Year of the AMA copyright line.")
    publisher_copyright_year: Year | None = Field(description="Year of the publisher's line.")
    parser_version: Text = Field(description="Version of the rules that read the page.")
    official_capture: Sha256 | None = Field(
        description="SHA-256 of the capture that gave official_description."
    )
    common_language_capture: Sha256 | None = Field(
        description="SHA-256 of the capture that gave common_language_description."
    )

    first_seen: datetime = Field(description="When the first capture used was retrieved, UTC.")
    last_changed: datetime = Field(
        description="When the present descriptions and status were first captured, UTC."
    )
    quality_flags: tuple[Text, ...] = Field(description="What a reader should know of this row.")


class PageRow(Row):
    """One page known to a run, and what became of it."""

    site: Text = Field(description="Site profile that read the page.")
    url: Text | None = Field(description="Address; null for a saved file that names none.")
    code: Code | None = Field(description="Code of the page by evidence; null if there is none.")
    page_kind: Text | None = Field(description="Kind of the page; null before its first capture.")
    outcome: Outcome = Field(
        description="row, absent, waiting, quarantined, or no_code_page for guides and articles."
    )
    reason: Text | None = Field(description="Why, in one snake_case word; null for a row.")
    capture: Sha256 | None = Field(description="SHA-256 of the capture's body.")
    raw_file: Text | None = Field(description="WARC segment of the capture, relative to raw/.")
    raw_offset: Annotated[int, Field(ge=0)] | None = Field(description="Offset of its record.")
    source_name: Text | None = Field(description="File name of an imported page.")


class HistoryRow(Row):
    """One line of the history table of a code's page."""

    code: Code = Field(description="The procedure code.")
    code_system: CodeSystem = Field(description="CPT, or HCPCS for Level II.")
    line: Annotated[int, Field(ge=1)] = Field(description="Position on the page, from 1.")
    event_date: date | None = Field(description="Date of the event; null if it is no full date.")
    event_date_text: Text = Field(description="Date as the page writes it.")
    action: Text = Field(description="What happened, in the page's words.")
    notes: Text | None = Field(description="The page's note on it.")
    capture: Sha256 = Field(description="SHA-256 of the capture that shows the line.")


class ChangeRow(Row):
    """One difference between a release and the one it was compared with."""

    code: Code = Field(description="The procedure code.")
    code_system: CodeSystem = Field(description="CPT, or HCPCS for Level II.")
    change: Change = Field(description="added or removed for a whole row, changed for a field.")
    field: Text | None = Field(description="Column of `codes` that changed; null for a whole row.")
    old_value: Text | None = Field(description="Value before, as text; a list as JSON.")
    new_value: Text | None = Field(description="Value now, as text; a list as JSON.")
    source_url: Text | None = Field(description="Address of the capture of the new row.")
    capture: Sha256 | None = Field(description="SHA-256 of its body; null for a removed row.")
    raw_file: Text | None = Field(description="WARC segment of that capture, relative to raw/.")
    raw_offset: Annotated[int, Field(ge=0)] | None = Field(description="Offset of its record.")


_FACTS_FROM, _FACTS_TO = "short_descriptor", "page_facts"
_COLUMNS = tuple(CodeRecord.model_fields)
PAGE_FACT_COLUMNS = _COLUMNS[_COLUMNS.index(_FACTS_FROM) : _COLUMNS.index(_FACTS_TO)]
FACT_COLUMNS = (*PAGE_FACT_COLUMNS, _FACTS_TO)
WORDING_COLUMNS = ("short_descriptor", "medium_descriptor", "long_descriptor")
# What a row says of its code: neither where it was read nor when.
_EVIDENCE = slice(_COLUMNS.index("site"), _COLUMNS.index("quality_flags"))
CODE_KEY = ("code_system", "code")
COMPARED_COLUMNS = tuple(c for c in _COLUMNS if c not in {*_COLUMNS[_EVIDENCE], *CODE_KEY})
TABLES: dict[str, type[Row]] = {
    "codes": CodeRecord,
    "pages": PageRow,
    "history": HistoryRow,
    "delta": ChangeRow,
}

# Text of the American Medical Association or of the publisher: no open edition may hold it.
LICENSED_COLUMNS: dict[str, frozenset[str]] = {
    "codes": frozenset(
        (
            "status_notice",
            "official_description",
            "official_stem",
            "official_variant",
            "examples",
            "common_language_description",
            "short_descriptor",
            "medium_descriptor",
            "long_descriptor",
        )
    ),
    "pages": frozenset(),
    "history": frozenset(("notes",)),
}
# What nobody has looked at: facts with labels that are not known, names of a user's own files.
UNSORTED_COLUMNS: dict[str, frozenset[str]] = {
    "codes": frozenset(("page_facts",)),
    "pages": frozenset(("source_name",)),
    "history": frozenset(),
}
