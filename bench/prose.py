"""A seeded random source in, fictional descriptors and prose out: a shop of clocks and lamps."""

from __future__ import annotations

from random import Random

_ACTS = ("Rewinding", "Polishing", "Retuning", "Rebushing", "Unsealing", "Regilding", "Trimming")
_THINGS = (
    *("tower clock", "ship's lantern", "music box comb", "brass barometer", "gate bell"),
    *("paper kite", "tea kettle", "weather vane", "pocket globe", "door knocker"),
)
_PARTS = ("escapement", "wick", "hinge", "dial", "spring", "glass", "clapper", "crank", "tail")
_STUFFS = ("silk", "brass", "felt", "copper", "wax", "horn", "linen", "oak", "lead")
_SCOPES = (
    *("any length", "single face", "two or more parts", "complete", "initial 15 minutes"),
    *("including inspection", "with or without cleaning"),
)
_PEOPLE = ("keeper", "apprentice", "tuner", "lamplighter", "bellringer", "glazier", "mender")
_OPENINGS = (
    "The {person} begins by laying the {thing} on a padded bench under even light",
    "After the {part} has been freed, the {person} cleans it with a strip of {stuff}",
    "A worn {part} is measured, and a new one of {stuff} is cut to the same width",
    "The {thing} is then turned by hand, so that the {part} can be heard at every hour",
    "Where the {part} is bent, the {person} warms it slowly and sets it straight",
    "Dust that has gathered behind the {part} is drawn off before the {thing} is closed",
    "Each screw is put back in the order in which it came out",
    "If the {stuff} has cracked, it is replaced, and the seam is sealed with {stuff2}",
)
_ENDINGS = (
    *("", ", which takes the better part of a morning", " and noted in the shop's book"),
    *(", for a loose one would drift within a week", " until it no longer rattles"),
)
ADD_ON = "(List separately in addition to code for primary procedure)"


def sentence(rng: Random) -> str:
    """Return one sentence of about 18 words."""
    words = {
        "person": rng.choice(_PEOPLE),
        "thing": rng.choice(_THINGS),
        "part": rng.choice(_PARTS),
        "stuff": rng.choice(_STUFFS),
        "stuff2": rng.choice(_STUFFS),
    }
    return f"{rng.choice(_OPENINGS).format_map(words)}{rng.choice(_ENDINGS)}."


def paragraph(rng: Random, fewest: int, most: int) -> str:
    """Return a paragraph of so many sentences; as in a code book, no two are the same."""
    sentences = [sentence(rng) for _ in range(rng.randint(fewest, most) - 1)]
    return " ".join((*sentences, f"The shop's book has it under {_number(rng)}."))


def descriptor(rng: Random) -> str:
    """Return a descriptor in the grammar of the code book: stem, variant, add-on phrase."""
    stem = f"{rng.choice(_ACTS)} of {rng.choice(_THINGS)} {_number(rng)}, {rng.choice(_SCOPES)}"
    kind = rng.randrange(10)
    if kind < 4:
        return f"{stem}, including replacement of {rng.choice(_PARTS)} (eg, {rng.choice(_STUFFS)})"
    variant = f"{rng.choice(_PARTS)}, with lining of {rng.choice(_STUFFS)}"
    if kind < 9:
        return f"{stem}; {variant}, not more than {rng.randint(2, 9)} parts"
    return f"{stem}; each additional {variant} {ADD_ON}"


def _number(rng: Random) -> str:
    return f"no. {rng.randrange(10**9):,}"


def short_name(rng: Random) -> str:
    """Return a few words, as a table of facts or a link shows them."""
    return f"{rng.choice(_ACTS)} {rng.choice(_THINGS)} {rng.choice(_PARTS)}"
