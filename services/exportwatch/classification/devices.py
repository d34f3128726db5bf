"""Whether goods are a complete device that has its magnet inside: headphones, a motor, a case for a telephone.

FAQ IV and V (reference domain 3.1) put finished products with magnetic functional parts outside Announcement 18/2025
and leave the magnet in, wherever it goes. So one fact alone never tells: the customs code has to be that of a complete
device, not of its parts, and the text must not be headed by the magnet. Cost linear in the text.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from exportwatch.classification.item import ItemFacts
from exportwatch.classification.places import by_path
from exportwatch.classification.reading import Reading
from exportwatch.classification.text import Mention, Text

_DEVICE_CHAPTERS = ("84", "87", "90", "95")  # and 85 but for magnets, 8505
# Complete articles by the first digits: also clocks, instruments, furniture, bags, clothes, jewellery, fittings, cases.
_COMPLETE = (
    "84", "85", "86", "87", "88", "90", "91", "92", "94", "95", "42", "61", "62", "64", "7113", "7117",
    "8203", "8204", "8205", "8206", "8211", "8215", "8301", "8302", "8304", "8308", "392410", "392490", "392690",
)  # fmt: skip
# Headings of parts, under which a magnet may well go (reference domain 7.2, R15).
_OF_PARTS = (
    "8409", "8431", "8448", "8466", "8473", "8487", "8503", "8505", "8522", "8529", "8538", "8548", "851770",
    "851771", "851779", "8607", "8708", "8714", "8803", "8807", "9033", "9114",
)  # fmt: skip
MAGNETS = ("cl:magnet", "mag:smco", "mag:ndfeb")
_PARTS_LAST = "90"  # in chapters 84, 85 and 90 the last subheading of a heading is that of the parts


def of_devices(facts: ItemFacts) -> bool:
    """Whether the customs code is one of machines, vehicles, instruments or toys."""
    hs = facts.hs or ""
    return hs.startswith(_DEVICE_CHAPTERS) or (hs.startswith("85") and not hs.startswith("8505"))


def of_complete_devices(facts: ItemFacts) -> bool:
    """Whether the customs code is one of complete articles, and not of parts of them."""
    hs = facts.hs or ""
    if not hs.startswith(_COMPLETE) or hs.startswith(_OF_PARTS):
        return False
    return not (hs[:2] in ("84", "85") and hs[4:6] == _PARTS_LAST)


def is_device_with_magnet(
    facts: ItemFacts, reading: Reading, devices: list[Mention], magnets: list[Mention]
) -> bool:
    """Whether customs code and text agree that the goods are a device that has the magnet: something else heads each
    text that names the magnet, and the form, the name of a device or a word of having says the rest."""
    if not magnets or not of_complete_devices(facts) or reading.has("pr:loose"):
        return False
    named, said = by_path(devices), by_path(magnets)
    described = {t.path for t in facts.texts}
    return all(
        path in described and _has_inside(facts, reading.texts[path], named.get(path, ()), of_text)
        for path, of_text in said.items()
    )


def _has_inside(facts: ItemFacts, text: Text, devices: Sequence[Mention], magnets: Sequence[Mention]) -> bool:
    plain, start = text.plain, min(m.start for m in magnets)
    before = plain[:start]
    headed = any(d.end <= start for d in devices) or bool(_WORD.search(_OF_MAGNETS.sub(" ", before)))
    if not headed or _MADE_FOR.search(plain) or _LOOSE_SHAPE.search(plain):
        return False
    if _HAVING.search(before[-_NEAR:]) or (" w/" in text.shown and _W.search(before[-_NEAR:])):
        return True
    if any(_HAD.match(plain, m.end) for m in magnets):
        return True
    if names_magnet_of(devices, magnets, text):
        return False
    several = any(_SEVERAL.match(plain, m.start) for m in magnets)
    return facts.form in _PRODUCT_FORMS or (bool(devices) and not several)


_OF = (" de ", " del ", " du ", " di ", " da ", " d ")


def names_its_magnet(devices: list[Mention], facts: ItemFacts, reading: Reading) -> bool:
    """Whether the thing may be the magnet of a device: ``speaker magnets``, ``imanes de altavoz``. A customs code of
    devices says that it is the device."""
    if of_complete_devices(facts) and not _named_as_magnets(devices, reading):
        return False
    ends, starts = {(d.path, d.end) for d in devices}, {(d.path, d.start) for d in devices}
    for magnet in reading.by_tag.get("cl:magnet", ()):
        path, end = magnet.path, magnet.end
        if {(path, magnet.start), (path, magnet.start - 1)} & ends:
            return True
        plain = reading.texts[path].plain
        if any(plain.startswith(of, end) and (path, end + len(of)) in starts for of in _OF):
            return True
    return False


def _named_as_magnets(devices: list[Mention], reading: Reading) -> bool:
    magnets = by_path(m for tag in MAGNETS for m in reading.by_tag.get(tag, ()))
    return any(
        names_magnet_of(of_text, magnets.get(path, ()), reading.texts[path])
        for path, of_text in by_path(devices).items()
    )


def names_magnet_of(devices: Sequence[Mention], magnets: Sequence[Mention], text: Text) -> bool:
    """Whether the last noun is the magnet, as it is the thing in English, German, Chinese, Japanese and Korean:
    ``speaker magnets``, ``喇叭磁铁``; but not ``separator, permanent magnet``."""
    ends = {d.end: d.word for d in devices}
    for magnet in magnets:
        before = ends.get(magnet.start) or ends.get(magnet.start - 1)
        parted = before is not None and is_parted(before, text.shown)
        if _COMPOUND.match(text.plain, magnet.start) and not parted:
            return True
        if before and not parted and not _HEAD_FIRST.match(text.plain, magnet.start):
            return True
    return False


@lru_cache(maxsize=64)  # a text that repeats a name is searched for it once
def is_parted(word: str, shown: str) -> bool:
    """Whether a mark stands behind the word, which the comparable text does not have."""
    return bool(re.search(re.escape(word) + r"\s?[,;:(–，；（]", shown, re.IGNORECASE))


_PRODUCT_FORMS = ("assembly", "finished_product", "equipment")
_NEAR = 24  # characters in front of the magnet in which a word of having may stand
_WORD = re.compile(r"[^\W\d_]{3,}|[぀-ヿ㐀-鿿가-힯]{2,}")
# What a line says of a magnet in front of its name, and what sellers and ERPs say of everything. The comparable text
# has kana without their marks: ``スヒーカー``.
_OF_MAGNETS = re.compile(
    r"\b(?:sintered|bonded|strong|super|extra|powerful|heavy|duty|round|ring|block|dis[ck]|arc|bar|cube|cuboid|cylinder|rod|"
    r"segments?|tiles?|countersunk|permanent|rare|earth|neo|high|grade|custom|set|lot|pack|pieces?|pcs|new|hot|sale|mini|"
    r"small|big|large|tiny|flat|thin|axial|diametral|radial|magnet\w*|spare|parts?|motor|rotor|stator|speaker|ref|sku|art|item|"
    r"nickel|coated|plated|zinc|epoxy|black|silver|gold|anisotropic|industrial|industry|diy|craft|multi|use|"
    r"gesintert\w*|stark\w*|rund\w*|flach\w*|scheiben?\w*|quader\w*|ringe?|stuck|teile?|ersatzteile?|"
    r"petits?|puissants?|ronds?|disques?|blocs?|anneaux?|pieces?|lot|"
    r"potentes?|redondos?|discos?|bloques?|anillos?|piezas?|pequenos?|fuertes?|"
    r"forti|potenti|rotondi|dischi|blocchi|anelli|pezzi|tondi|"
    r"fortes?|redondos?|blocos?|aneis|pecas|"
    r"мощн\w*|сильн\w*|супер\w*|кругл\w*|диск\w*|блок\w*|кольц\w*|набор|комплект|постоянн\w*|спеченн\w*|"
    r"okragl\w*|silne|mocne|walcow\w*|plytkow\w*|pierscien\w*|zestaw|"
    r"guclu|yuvarlak|silindir|disk|blok|halka|adet|set|"
    r"manh|sieu|tron|vuong|khoi|vien|cai|bo|lo|"
    r"magnes\w*|iman\w*|aimant\w*|магнит\w*|магніт\w*|mıknatıs\w*|mag|ndfeb|smco|with|from|"
    r"mit|avec|con|com|met|med|dengan|voi|kem|incl|including|has|uses|and|und|"
    r"box|bag|bags|kit|case|tray|carton|tin|tube|jar|blister|assortment|assorti\w*|boite|caja|sachet|scatola|schachtel|dose|"
    r"lieferung|delivery|order|shipment|lot|test|pull|force|strength|quality|amazing|best|top|free|shipping|wholesale|"
    r"коробк\w*|упаковк\w*|pudełk\w*|kutu)\b"
    r"|盒|箱|袋|套装|配件|零件|세트|상자|セット|箱入り|磁铁|磁石|자석|强力|超强|圆形|方形|方块|圆片|圆柱|瓦形|磁瓦|烧结|粘结|高性能|永磁|"
    r"工业|小|大|批发|热卖|现货|定制|电机|扬声器|喇叭|"
    r"強力|超強力|丸型|角型|円形|円柱|焼結|高性能|フロック|リンク|ティスク|モーター|スヒーカー|초강력|강력|원형|사각|디스크|링|블록|소결|모터|스피커"
)
# Shapes in which magnets are sold, beside the word of magnets, and spare parts.
_LOOSE_SHAPE = re.compile(
    r"(?:magnet|ndfeb|smco|neodym\w*|neodimio|n\d\d\w{0,2}|\d\d(?:m|h|sh|uh|eh))\s?(?:arc|block|segment|tile|dis[ck]|cube|rod|ring|cylinder)s?\b|"
    r"\b(?:arc|segment|tile|block|cuboid|disc|rod)s?\s(?:shaped\s)?(?:magnet|ndfeb|smco|neodym)|"
    r"magnet(?:segment|ring|block|scheib|stab|quader|kugel|korper|platte)\w*|\bparts?\b|ersatzteil|repuesto|recambio|"
    r"ricambi|rechange|запчаст|磁瓦|磁钢|磁环|磁片|零件|备件|部品|부품|예비"
)
_HAVING = re.compile(
    r"(?:\b(?:with|incl|including|has|uses|mit|avec|con|com|с|со|з|із|met|med|z|ze|dengan|voi|kem)\s|"
    r"含|带|內置|内置|采用|内含|使用)(?:[\w.]+\s){0,3}$"
)
_W = re.compile(r"\bw\s(?:[\w.]+\s){0,3}$")  # "w/ magnet", but not "5 W magnet"
_HAD = re.compile(
    r"\w{0,3}\s?(?:内蔵|搭載|採用|使用|付き|入り|内置|내장|탑재|장착|"
    r"사용|built in|inside|eingebaut|integrier|integr|incorporad|встроен|"
    r"wbudowan|dahili|tich hop)|l[iı]\b"
)
# The magnet, or what it is a part of, is said to be for something: then it goes there loose.
_MADE_FOR = re.compile(
    r"\b(?:for|fur|pour|para|per|для|dla|cho)\s(?:\w+\s){0,2}(?:motors?|speakers?|rotors?|headphones?|assembly|production|"
    r"moteurs?|motores?|altavo\w+|haut|двигател\w*|динамик\w*|silnik\w*|lautsprecher\w*|motoren)|"
    r"\bicin\b|(?:电机|扬声器|喇叭|耳机|马达|转子)用|(?:モーター?|スヒーカー?)用|(?:모터|스피커)용"
)
# German plurals end as an Italian singular does (``magnete in neodimio``).
_COMPOUND = re.compile(
    r"(?:[^\W\d_]{1,24}\s){0,3}?(?:\w{0,30}magnets|\w{0,30}magneten|\w{0,30}magnete(?!\s(?:in|al|di|ne|perm)))\b"
)
_HEAD_FIRST = re.compile(
    r"(?:aimant|iman|magnete?\s(?:in|al|di|ne|perm)|ima\b|imas\b|магн[иі]т|неодим|magnes|nam cham|neodimio)"
)
_SEVERAL = re.compile(
    r"(?:[^\W\d_]{1,24}\s){0,3}?(?:aimants|imanes|imas|magneti|магниты|магнит[оа][вм]|magnesy)\b"
)
