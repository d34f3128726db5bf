"""The figures of a line: quantity, mass, value, share of content, and whether it was made with Chinese technology.

What cannot be one is unknown, and named.
"""

from typing import Any

from exportwatch.classification.problems import Problem, wrong
from exportwatch.classification.units import number, percent
from exportwatch_events.documents import Item

_FIGURES = (("quantity", "value"), ("net_mass", "value"), ("value", "amount"))


def line_problems(item: Item) -> list[Problem]:
    """What is stated on the line and cannot be used; paths are relative to the item."""
    problems = []
    for name, key in _FIGURES:
        stated = item.get(name)
        if stated is not None and not _is_figure(stated, key):
            problems.append(_named(name, key, stated))
    cited = item.get("license")
    if cited is not None and type(cited) is not str:
        problems.append(wrong("license", cited, "a licence number"))
    share = item.get("chinese_content_percent")
    if share is not None:
        read = percent(share)
        if read is None or read.low < 0 or read.low > 100:
            problems.append(wrong("chinese_content_percent", share, "0 to 100 percent of the value"))
    technology = item.get("uses_chinese_technology")
    if technology is not None and type(technology) is not bool:
        problems.append(wrong("uses_chinese_technology", technology, "true or false"))
    return problems


def _is_figure(stated: Any, key: str) -> bool:
    if type(stated) is not dict:
        return False
    amount = stated.get(key)
    if type(amount) is int:
        return amount >= 0
    read = number(amount)
    return read is not None and read >= 0


def _named(name: str, key: str, stated: Any) -> Problem:
    if type(stated) is not dict:
        return wrong(name, stated, f"an object with {key}")
    amount = number(stated.get(key))
    if amount is None:
        return wrong(f"{name}.{key}", stated.get(key), "a number")
    return Problem("IMPLAUSIBLE_VALUE", f"{name}.{key}", f"{stated.get(key)!s:.40}", "no negative number")
