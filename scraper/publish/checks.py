"""Every check of a release, declared once: its level, what it says, and from where on it speaks.

`block` refuses the release, `warn` is told and stays in the manifest. A person may accept one
finding of one run, except those of a check that is not `is_acceptable`. Nothing is measured here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["block", "warn"]

# Shares say little of a small release: below this many rows no share refuses one.
FEW = 2
REPEATED_ON = 3
UNIFORM_FROM = 4
MOVED_FROM = 2
YEARS_AHEAD = 1
MOST_FALLEN_POINTS = 2.0
MOST_CHANGED_PERCENT = 5.0
MOST_CHANGED_FACTS_PERCENT = 20.0
MOST_DELETED_PERCENT = 5.0
MOST_LOST_PERCENT = 2.0
MOST_GROWN_PERCENT = 10.0
OLDEST_DAYS = 365


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `limit` is its threshold in words, None where one case is enough.

    `is_standing`: what a person accepted once, by its subject, stays accepted while it stands.
    """

    name: str
    level: Level
    says: str
    limit: str | None = None
    is_acceptable: bool = True
    is_standing: bool = False


_CHECKS = (
    # What a row and a table must be.
    Check(
        "contract",
        "block",
        "A row is not what record.py says: its types, shapes, ranges and needed values.",
        is_acceptable=False,
    ),
    Check("key", "block", "A code has two rows, or rows are out of order.", is_acceptable=False),
    Check(
        "sums",
        "block",
        "A wanted code is in none, or in more than one, of row, absent, waiting, quarantined.",
        is_acceptable=False,
    ),
    Check(
        "identity",
        "block",
        "The address of a row's page is that of another code.",
        is_acceptable=False,
    ),
    Check(
        "boilerplate",
        "block",
        "A paragraph of a description is a line of the site's profile, or a copyright line.",
        is_acceptable=False,
    ),
    # What several rows have in common and should not.
    Check(
        "repeated_paragraph",
        "block",
        "A paragraph stands in the descriptions of several codes: it is the site's, not theirs. "
        "A common part up to its semicolon and a lead-in up to its colon may repeat.",
        limit=f"{REPEATED_ON} codes",
        is_standing=True,
    ),
    Check("same_body", "block", "Two codes have the same page, byte for byte."),
    Check(
        "same_texts",
        "block",
        "Two codes have the same common-language description, and the same official one or none.",
    ),
    Check("same_description", "warn", "Two codes have one of their two descriptions in common."),
    Check(
        "future_year",
        "block",
        "A copyright line is of a year that is yet to come: it would outrank all pages until then.",
        limit=f"more than {YEARS_AHEAD} year after its capture",
    ),
    Check("broken_encoding", "block", "A description was read in the wrong character encoding."),
    # What became of a row since the release before.
    Check(
        "moved_description",
        "block",
        "A changed description is one that another code had in the release before, "
        "or the other of its own two.",
    ),
    Check(
        "shortened_description",
        "block",
        "A changed description is a piece of what it was: cut in a sentence, or to under its half.",
    ),
    Check("shortened_fact", "block", "A fact of a page is only the beginning of what it was."),
    Check(
        "moved_facts",
        "block",
        "Facts of a row say what others of the row said before, and say no more.",
        limit=f"{MOVED_FROM} facts",
    ),
    Check(
        "uniform_facts",
        "block",
        "All facts of a row say the same, and did not before: something stands in their place.",
        limit=f"{UNIFORM_FROM} facts",
    ),
    Check("lost_characters", "block", "A changed description has lost characters that it had."),
    Check(
        "lost_gates",
        "block",
        "A row's page asks for registration in fewer places, and shows nothing of what it hid.",
    ),
    Check("cut_page", "block", "A row's page was cut, and was whole in the release before."),
    Check(
        "same_insertion",
        "block",
        "The same words were put into the descriptions of several codes.",
        limit=f"{REPEATED_ON} codes",
    ),
    Check(
        "same_notice",
        "block",
        "The same notice of deletion, which names no other code, is new on several codes.",
        limit=f"{REPEATED_ON} codes",
    ),
    Check(
        "changed_descriptions",
        "block",
        "Too many descriptions differ from those of the release before.",
        limit=f"more than {MOST_CHANGED_PERCENT:g} % of them, and more than {FEW}",
    ),
    Check(
        "lost_history",
        "block",
        "Lines of the history of codes, by date and action, are gone.",
        limit=f"{REPEATED_ON} codes",
    ),
    Check("undeleted", "block", "A code was deleted in the release before, and is not now."),
    Check(
        "changed_facts",
        "block",
        "Too many rows say something else in one fact than in the release before.",
        limit=f"more than {MOST_CHANGED_FACTS_PERCENT:g} % of those with it, and more than {FEW}",
    ),
    Check(
        "deleted_codes",
        "block",
        "Too many codes are deleted that were not in the release before.",
        limit=f"more than {MOST_DELETED_PERCENT:g} % of the rows, and more than {FEW}",
    ),
    Check(
        "fill_rate",
        "block",
        "A column is filled in fewer of the rows that both releases have, in all or in one layout; "
        "for the descriptions, also by the newest page of the row alone.",
        limit=f"more than {MOST_FALLEN_POINTS:g} points, and more than {FEW} rows",
    ),
    # What became of the table.
    Check("vanished_codes", "block", "A code of the release before has no row, nor a notice."),
    Check(
        "fewer_rows",
        "block",
        "The table has fewer rows than the release before.",
        limit=f"more than {MOST_LOST_PERCENT:g} %, and more than {FEW} rows",
    ),
    Check(
        "unexplained_rows",
        "block",
        "Codes have rows now by pages that were held before and made none.",
        limit=f"more than {MOST_GROWN_PERCENT:g} % of the rows before, and more than {FEW}",
    ),
    Check(
        "more_rows",
        "warn",
        "The table has grown by pages that are held for the first time.",
        limit=f"more than {MOST_GROWN_PERCENT:g} %",
    ),
    Check("deleted_gone", "warn", "A code that had a notice of deletion has no row any more."),
    Check("left_out_site", "warn", "A site of the release before was not built."),
    Check(
        "unread_pages",
        "warn",
        "The newest page of a code was quarantined; its row is that of an older page.",
    ),
    Check(
        "page_age",
        "warn",
        "Pages were last fetched, or found unchanged, long ago.",
        limit=f"more than {OLDEST_DAYS} days",
    ),
    Check(
        "not_compared",
        "warn",
        "The latest release cannot be relied on, so one before it was compared, or none.",
    ),
)
CHECKS: dict[str, Check] = {check.name: check for check in _CHECKS}
