"""Terms whose first words are inflected are found with each ending, and nowhere else."""

import re

import pytest

from exportwatch.classification.endings import written_out
from exportwatch.classification.text import TermIndex, read_text

TERMS = {"mag:ndfeb": ["неодимов* магнит*"], "su:cell": ["celda* de litio", "литий ионн* аккумулятор*"]}
INDEX = TermIndex({tag: [one for term in terms for one in written_out(term)] for tag, terms in TERMS.items()})


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Неодимовый магнит 10 мм", "mag:ndfeb"),
        ("набор неодимовых магнитов", "mag:ndfeb"),
        ("celdas de litio 21700", "su:cell"),
        ("литий-ионные аккумуляторы", "su:cell"),
    ],
)
def test_a_term_is_found_in_each_of_its_forms(text: str, tag: str) -> None:
    assert tag in {m.tag for m in INDEX.mentions(read_text("description", text))}


@pytest.mark.parametrize("text", ["неодимовый порошок и магнит", "celdas solares", "литий и аккумулятор"])
def test_other_words_between_are_another_term(text: str) -> None:
    assert not INDEX.mentions(read_text("description", text))


def test_no_star_is_left_but_at_the_end() -> None:
    for term in ("литий ионн* ячейк* пакетн*", "celda* de litio", "magnet*", "plain", "~inside*"):
        written = list(written_out(term))
        assert all(re.fullmatch(r"~?[^*]+\*?", one) for one in written)
        assert len(set(written)) == len(written)
