"""Names of organisations, read by the entity-name library: legal forms, Latin letters, common words, likeness.

The only module that knows ``rigour``, and of it only the compiled part: its Python wrappers ask for a build against
ICU. ``tests/unit/test_names.py`` holds what is relied on, so that an upgrade that reads names otherwise fails there.
What the library lacks is added here: forms written without a space (有限公司), and a handful of spellings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

try:
    from rigour import _core as _rigour
except ImportError:  # the peers of the benchmark have no lists; without it the first look at a name fails
    _rigour = None

from exportwatch.classification.text import comparable, readable

Form = tuple[list[str], str]  # the words of a legal form as they stand in a name, and its one spelling

_CASEFOLD_AND_NAME = 4 | 64  # the library's flags: aliases folded and split into words as our names are
_NO_CLEANUP = 0
_REMEMBERED = 65536
_MOST_CHARACTERS = 400  # of a name: what stands behind is an address, and splitting it is no use

# "S.p.A." and "K. K." are one word each.
_INITIALS = re.compile(r"(?<![^\W\d_])([^\W\d_])\.\s?(?=[^\W\d_](?:\.|\b))")
_QUOTES = "«»‹›„‟「」『』"
_WRITTEN = (
    *((mark, " ") for mark in _QUOTES),
    ("(株)", "株式会社 "),
    ("(有)", "有限会社 "),
    ("(주)", "주식회사 "),
)
_ATTACHED = re.compile(
    r"有限责任公司|股份有限公司|有限公司|株式会社|合同会社|有限会社|合资会社|公司|주식회사|유한회사|유한책임회사"
)
# Spellings that the library does not know, in one that it does or that stands for itself.
_SPELLINGS = tuple(
    (re.compile(spelled), form)
    for spelled, form in (
        (r"\b(?:kabushiki (?:kaisha|gaisha)|k k)\b", "kk"),
        (r"\bgodo (?:kaisha|gaisha)\b", "gk"),
        (r"\byugen (?:kaisha|gaisha)\b", "yk"),
        (r"\b(?:societe anonyme|sociedad anonima|s a)\b", "sa"),
        (r"\bs p a\b", "spa"),
        (r"\bsp z ?o ?o\b", "spzoo"),
        (
            r"\bcong ty (?:tnhh|trach nhiem huu han|co phan|hop danh)(?: (?:mtv|mot thanh vien))?\b",
            "tnhh",
        ),
        (r"\b(?:private|pvt|pte) (?:ltd|limited)\b", "pte ltd"),
        (r"\bcompany limited\b", "co ltd"),
        (r"有限责任公司", "有限公司"),
    )
)
_SPELLED = re.compile("|".join(spelled.pattern for spelled, _ in _SPELLINGS))
_OWN_FORMS = {
    "kk": "kk", "gk": "gk", "yk": "yk", "spzoo": "spzoo", "tnhh": "tnhh", "corporation": "corp", "corp": "corp",
    "co": "", "company": "", "公司": "", "合资会社": "goshi", "株式会社": "kk",
}  # fmt: skip
_FORMS_IN_FRONT = frozenset(["kk", "gk", "tnhh"])
_SAME_FORM = {"coltd": "ltd", "有限公司": "ltd"}
# Forms that are no other word: they are one also in the middle ("Example Co., Ltd. Shanghai Branch").
_UNMISTAKABLE = frozenset(
    ["ltd", "inc", "llc", "gmbh", "gmbhcokg", "plc", "kk", "jsc", "ooo", "pte ltd", "spzoo"]
)
# And those that stand before the name in their country. Another Latin one is a word there ("Spa Beauty", "SE Works").
_IN_FRONT = _UNMISTAKABLE | {"ao", "zao", "pao", "pjsc", "tov", "sarl"}
_SMALL = frozenset(["the", "and", "und", "et", "co", "company", "corp", "corporation"])
_MISTYPED_LETTERS, _VOWELS = 5, frozenset("aeiouy")
_FEW_LETTERS, _FEW_SIGNS, _FEW_WORDS = 4, 2, 2


@dataclass(frozen=True, slots=True)
class OrgName:
    """A name without its legal form. ``words`` in their order; ``forms`` in one spelling, empty where none is stated.

    ``head``: the words before a legal form that stands in the middle, else empty.
    """

    words: tuple[str, ...]
    forms: frozenset[str]
    head: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class WordPair:
    """Words of two names that stand for each other, or one that nothing stands for. ``score``: 0 to 1."""

    one: str
    other: str
    score: float


@lru_cache(maxsize=_REMEMBERED)
def read_name(name: str) -> OrgName:
    """No case, accents, punctuation or legal form. A name that is nothing but a legal form is its own words."""
    plain = _plain(name)
    known = _known_forms(plain)
    words, forms = _without_forms(plain.split(), known)
    inside = [form for form in known if form[1] in _UNMISTAKABLE and form[0][0] in words]
    head: tuple[str, ...] = ()
    if inside or "kk" in words:
        words, more, head = _without_inner_forms(words, inside)
        forms |= more
    kept = [word for word in words if word not in _SMALL]
    return OrgName(tuple(kept) or tuple(plain.split()), frozenset(forms - {""}), head)


def party_name(name: str) -> str:
    """The normal form of an organisation's name."""
    return read_name(name).key


def legal_form(name: str) -> frozenset[str]:
    """The legal forms that the name states, in one spelling; empty where it states none."""
    return read_name(name).forms


@lru_cache(maxsize=_REMEMBERED)
def latin(text: str) -> str:
    """The text in plain Latin letters, where the library can write its script so (not Han, not kana)."""
    if text.isascii():
        return text
    return str(_library().maybe_ascii(text)).lower().replace("'", "") or text


@lru_cache(maxsize=_REMEMBERED)
def common_word(word: str) -> str | None:
    """What a word of many names stands for ("intl" and "international" for one thing); ``None`` for another word."""
    core = _library()
    read = core.analyze_names(core.NameTypeTag.ORG, [word], phonetics=False, rewrite=False, consolidate=False)
    kinds = [
        f"{span.symbol.category.value}:{span.symbol.id}"
        for name in read
        for span in name.spans
        if len(span.parts) == len(name.parts) and span.symbol.category in _categories()
    ]
    return min(kinds, default=None)  # of several the same in every process: the library states no order


def says_little(name: OrgName) -> bool:
    """Whether many unlike organisations may bear the name: a few letters, or one or two words of many names."""
    letters = sum(len(word) for word in name.words)
    if letters < (_FEW_LETTERS if name.key.isascii() else _FEW_SIGNS):
        return True
    return len(name.words) <= _FEW_WORDS and all(common_word(word) for word in name.words)


def looks_like_a_form(word: str) -> bool:
    """Whether a word is a mistyped legal form: one edit from it, and no word of a language, for want of a vowel."""
    return (
        len(word) <= _MISTYPED_LETTERS
        and not _VOWELS.intersection(word)
        and any(_library().raw_levenshtein_cutoff(word, form, 1) <= 1 for form in ("ltd", "gmbh"))
    )


def word_pairs(ours: Sequence[str], theirs: Sequence[str]) -> list[WordPair]:
    """The words of two names that typing errors turn into each other, by the library's cost of edits; and the rest."""
    core = _library()

    def parts(words: Sequence[str]) -> list[Any]:
        return [core.NamePart(word, at, core.NamePartTag.UNSET, False) for at, word in enumerate(words)]

    found = core.compare_parts(parts(ours), parts(theirs), _costs())
    pairs = [WordPair(pair.qstr, pair.rstr, pair.score) for pair in found]
    return sorted(pairs, key=lambda pair: (pair.one, pair.other))  # the library states no order


# -- the library -------------------------------------------------------------------------------------------


def _library() -> Any:
    if _rigour is None:
        raise ModuleNotFoundError("names of parties are compared with rigour, which is not installed")
    return _rigour


@lru_cache(maxsize=1)
def _categories() -> tuple[Any, ...]:
    kinds = _library().SymbolCategory
    return (kinds.SYMBOL, kinds.DOMAIN, kinds.LOCATION, kinds.ORG_CLASS)


@lru_cache(maxsize=1)
def _costs() -> Any:
    # A word of five letters bears two swapped ones: that is one error of the hand. The library's own budget is
    # for whole names; here single words are left to be explained, and the sum over the name decides.
    return _library().CompareConfig(budget_tolerance=1.5, budget_short_floor=1.0)


def _known_forms(text: str) -> list[Form]:
    """The forms in a text: their words as they stand there, and the library's spelling."""
    core = _library()
    found = core.extract_org_types(text, _CASEFOLD_AND_NAME, _NO_CLEANUP, False)
    if not found and not text.isascii():  # of 股份有限公司 and 주식회사 it has the general kind alone
        found = core.extract_org_types(text, _CASEFOLD_AND_NAME, _NO_CLEANUP, True)
    return [(words.split(), _OWN_FORMS.get(words) or _SAME_FORM.get(form, form)) for words, form in found]


# -- legal forms -------------------------------------------------------------------------------------------


def _plain(name: str) -> str:
    shown = readable(name[:_MOST_CHARACTERS])
    if "." in shown:
        shown = _INITIALS.sub(r"\1", shown)
    if not shown.isascii():
        for written, form in _WRITTEN:
            shown = shown.replace(written, form)
    plain = comparable(shown, strokes=True).replace(".", " ")
    plain = _SPELLED.sub(_respelled, plain)
    return " ".join((plain if plain.isascii() else _ATTACHED.sub(r" \g<0> ", plain)).split())


def _respelled(match: re.Match[str]) -> str:
    return next(form for spelled, form in _SPELLINGS if spelled.fullmatch(match.group()))


def _without_forms(words: list[str], known: list[Form]) -> tuple[list[str], set[str]]:
    """The words without the forms at their end and start; a name is never left without a word."""
    forms: set[str] = set()
    while len(words) > 1:
        size, form, at_end = _form_at_an_end(words, known)
        if not size or size >= len(words):
            break
        forms.add(form)
        words = words[:-size] if at_end else words[size:]
    return words, forms


def _form_at_an_end(words: list[str], known: list[Form]) -> tuple[int, str, bool]:
    """How many words of the end, else of the start, are a form, and which; 0 where none is."""
    for text, form in known:
        if words[-len(text) :] == text:
            return len(text), form, True
        if words[: len(text)] == text and (form in _IN_FRONT or not text[0].isascii()):
            return len(text), form, False
    last, first = words[-1], words[0]
    if last in _OWN_FORMS or last in _SMALL:
        return 1, _OWN_FORMS.get(last, ""), True
    if first in _FORMS_IN_FRONT or (first in _OWN_FORMS and not first.isascii()):
        return 1, _OWN_FORMS[first], False
    return 0, "", True


def _without_inner_forms(words: list[str], known: list[Form]) -> tuple[list[str], set[str], tuple[str, ...]]:
    """The words without unmistakable forms, those forms, and the words before the first of them."""
    kept: list[str] = []
    forms: set[str] = set()
    head: tuple[str, ...] = ()
    at = 0
    while at < len(words):
        text, form = next((k for k in known if words[at : at + len(k[0])] == k[0]), (words[at : at + 1], ""))
        form = form or ("kk" if text == ["kk"] else "")
        if at and form:
            forms.add(form)
            head = head or tuple(kept)
        else:
            kept += text
        at += len(text)
    return kept, forms, tuple(word for word in head if word not in _SMALL)
