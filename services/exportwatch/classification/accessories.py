"""Goods that come with a battery or serve one: a laptop, a charger, a board that protects cells. None is a cell.

The list of lithium cells (Announcement 58/2025) names cells and packs; a text or a customs code that says
that something else has or needs them says what the goods are. Looks so many characters around each name.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from exportwatch.classification.devices import is_parted, of_complete_devices
from exportwatch.classification.item import ItemFacts
from exportwatch.classification.text import Mention
from exportwatch.law.subject import ItemKind

_WITH = re.compile(
    r"(?:\b(?:with|w|incl|including|includes|built in|integrated|for|mit|con|avec|с|fur|pour|para|per|для|dla|do|cho|"
    r"voor|com|z|ve\S{0,2}|met)|带|含|内置|配|搭載|内蔵)"
    r"\s?(?:(?:an?|one|two|rechargeable|removable|spare|built in|integrated|\d+(?:\.\d+)?\s?\w{0,3}|x)\s){0,4}$"
)
# What heads the text is the thing: a separator film is no cell, whatever cell it goes into.
_COMPONENT = re.compile(
    r"(?!.*\bthin\b)\s*(?:[\w.]+[ -]){0,2}(?:separator|film|foil|binder|housing|tab)s?\b[^,;(，；（]*[,;(，；（]",
    re.IGNORECASE,
)
_GOODS_FORMS = (None, "finished_product", "equipment", "component")
_NEARBY = 100  # characters before and behind a mention
_SELF = 200  # characters in which a description says what the thing is; later it says what goes with it
_FOR_BATTERIES = re.compile(
    r"^\w*\s(?:powered|operated|charger|charging|cordless|holder|case|compartment|tester|protection|protect|monitor|"
    r"fuel gauge|gauge|ladegerat|"
    r"halter|sarj|şarj|pil şarj|충전기|보호)|^\s?(?:用?(?:充电器|充電器|保护板|"
    r"保護板|保護回路|测试仪|电池盒|点焊机)|供电|충전기|보호회로|용 충전기)"
)
_BATTERIES = ("8506", "8507", "8548", "8549")
_HEAD = re.compile(r"[^\W\d_]{4,}|[぀-ヿ㐀-鿿가-힯]{2,}")
_CELLS_OR_FOR = re.compile(
    r"batter|akku|bateri|accumul|аккумул|батаре|cells?\b|zelle|celda|packs?\b|(?<!\w)(?:for|fur|pour|para|per|для|dla)\s|spare|"
    r"replacement|电池|电芯|蓄电|ハッテリ|電池|배터리|전지|用"
)
_MADE_FOR = re.compile(r"\w*\s(?:\S+\s){0,3}(?:for|fur|pour|para|per|для|dla)\s|\s?(?:用于|用)")
_CHARGERS = (
    r"(?:charger|charging (?:board|module|ic)|ladeger[aä]t\w*|ladeschaltung|chargeur|cargador|"
    r"carregador|caricabatteri\w|caricatore|зарядн\w+ устройств\w+|ładowark\w+)"
)
# Nothing but a charger is for batteries; ``charger and cells`` are both.
_CHARGER_FOR = re.compile(
    rf"\b{_CHARGERS}s? (?:[\w.]+ ){{0,2}}?(?:for|fur|pour|para|per|для|do)\s(?!.*\b(?:and|und|et|y|e|и|plus|with)\b)"
)
_OTHER_CELLS = re.compile(
    r"\b(?:alkaline|alkali\w*|manganese|nimh|ni mh|nickel metal hydride|nicd|ni cd|zinc carbon|zinc air|lead acid)\b"
)
_LITHIUM = re.compile(
    r"lith|litio|\bli\b|лити|літі|锂|リチウム|리튬|nmc|ncm|lfp|wh kg|wh/kg|18650|21700|26650|32700"
)
# ``LiFePO4 battery charger``; not ``LiFePO4 battery, charger`` or one that comes with the battery.
_CHARGES_THEM = re.compile(
    rf"\b(?:battery|batteries|akku|bateria|batterie)\s{_CHARGERS}|"
    rf"^\W*(?:[\w.]+ ){{0,3}}{_CHARGERS}\s(?:for|für|pour|para|per|для)\s",
    re.IGNORECASE,
)
_AND = re.compile(
    r"\b(?:with|and|incl|und|mit|avec|et|con|y|plus|for|für|pour|para|per)\s(?:\w+\s){0,2}$|[+&/]\s?$",
    re.IGNORECASE,
)


class Beside(NamedTuple):
    """What a text says beside the cells that it names: asked once, however often it names them."""

    plain: str
    shown: str
    stores: bool  # a storage system, which has its cells
    part_until: int | None  # where the name of a part ends that heads the text
    in_device: bool  # the customs code is of complete devices, and none of batteries
    is_open: bool  # no figure and no customs code speaks of a cell


def beside_cells(facts: ItemFacts) -> Mapping[str, Beside]:
    """By the path of the text; empty where no goods may come with a battery."""
    if facts.kind is not ItemKind.GOODS or facts.form not in _GOODS_FORMS:
        return {}
    storage = {t.path for t in facts.texts if "storage" in t.plain or "储能" in t.plain}
    found: dict[str, Beside] = {}
    device = of_complete_devices(facts) and not (facts.hs or "").startswith(_BATTERIES) and not facts.measures
    for text in facts.texts:
        part = None if facts.measures or "wh" in text.plain else _COMPONENT.match(text.shown)
        is_open = not (facts.measures or "wh" in text.plain or (facts.hs or "").startswith(_BATTERIES))
        said = Beside(
            text.plain, text.shown, text.path in storage, part.end() if part else None, device, is_open
        )
        found.setdefault(text.path, said)
    return found


def of_other_chemistry(plain: str) -> bool:
    """Whether the text names another chemistry than lithium's: ``alkaline, in the form of cylindrical cells``."""
    return not _LITHIUM.search(plain) and bool(_OTHER_CELLS.search(plain))


def is_charger(facts: ItemFacts) -> bool:
    """Whether a text names the charger of a battery, and no customs code says that it is the battery."""
    if (facts.hs or "").startswith(_BATTERIES) or facts.measures:
        return False
    named = [(t.shown, _CHARGES_THEM.search(t.shown)) for t in facts.texts]
    return any(
        m is not None and not _AND.search(shown[max(0, m.start() - 24) : m.start()]) for shown, m in named
    )


def _headed(before: str) -> bool:
    """Whether something stands in front of the cell that is no word of cells."""
    near = before[-_NEARBY:]
    return bool(_HEAD.search(near)) and not _CELLS_OR_FOR.search(near)


def is_accessory(cell: Mention, beside: Beside, form: str | None) -> bool:
    """Whether goods are said to come with a battery or to serve one: ``laptop with lithium battery`` is no battery."""
    if beside.part_until is not None and beside.part_until <= cell.start + 1:
        return True
    if form == "component":
        return False
    if beside.is_open and cell.start > _SELF:
        return True
    behind = beside.plain[cell.end : cell.end + _NEARBY]
    if beside.in_device and _headed(beside.plain[: cell.start]) and not _MADE_FOR.match(behind):
        return True
    serves = bool(_FOR_BATTERIES.match(behind)) and not is_parted(cell.word, beside.shown)
    if cell.start == 0 or beside.stores:
        return serves
    before = beside.plain[max(0, cell.start - _NEARBY) : cell.start]
    if _CHARGER_FOR.search(before):
        return True
    return serves or bool(_WITH.search(before))
