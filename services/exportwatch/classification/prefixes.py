"""What an ERP writes in front of a description: item, order and material numbers, and labels in ten languages.

A name counts for more where it stands first or alone, so that these must be gone before it is asked what stands there.
A label is one only with a number or a colon behind it; a number alone is one where it can be nothing else: no amount,
no size, no isotope and no cell. Knows no law and no chemistry beyond that.
"""

import re

_MOST = 4  # prefixes in front of one another: ``ITEM 0010 4500012345 - Material:``
# First words of labels, as they are written in lower case.
_LABELS = frozenset(
    "item items line pos position material mat part product prod article art sku order po so ref reference code "
    "description desc designation name commodity p pn no nr num "
    "artikel artikelnummer artikelnr materialnummer materialnr sachnummer teil teilenummer bestellnummer bestellung "
    "auftrag bezeichnung benennung "
    "réf référence poste désignation matière commande artículo articulo código codigo referencia posición posicion "
    "pedido descripción descripcion "
    "物料 物料号 物料號 物料编码 物料编号 物料編碼 物料編號 料号 料號 品号 品號 货号 貨號 "
    "编号 編號 行项目 行項目 行号 行號 项目 項目 "
    "订单 訂單 订单号 訂單號 采购订单 品名 名称 名稱 材料 "
    "品番 品目 品目コード 品目番号 部品番号 注文番号 明細 資材 "
    "품번 품목 품목코드 품명 자재 자재번호 항목 주문번호 "
    "mã mục dòng артикул арт позиция поз материал мат код номенклатура наименование заказ "
    "позиція матеріал найменування замовлення".split()
)
_BEGINNINGS = frozenset(label[:3] for label in _LABELS)
_FURTHER = (
    r"no|nr|num|number|numbers|nummer|code|id|item|name|order|article|n|hàng|vật|tư|số|tên|номер|号|號|番号|번호"
    r"|编号|编码|コード"
)
# Behind a number these make it an amount or a size.
_UNITS = (
    r"(?:mm|cm|dm|m|um|µm|μm|nm|in|inch|inches|zoll|ft|mesh|micron|microns|k?g|mg|t|lbs?|oz|m?l|liters?|litres?|"
    r"gallons?|pcs?|pieces?|stück|stk|st|ea|sets?|units?|boxes|bags?|drums?|pairs?|packs?|rolls?|sheets?|x|v|a|w|kw|mw|"
    r"hz|khz|mhz|ghz|m?ah|k?wh|ppm|wt|at|mol|vol|n|percent|prozent|years?|days?|hours?|units|watts?|volts?|carats?|ct|"
    r"karat|degrees?|kv|pa|mpa|bar|psi|rpm|layers?|pins?|ways?|ports?|seats?|tons?|tonnes?)"
)
_NOT_A_NUMBER = (  # sizes of cells, isotopes, the phases of samarium-cobalt
    r"(?!(?:18650|21700|26650|26700|32650|32700|14500|16340|4680|46\d{3})\b"
    r"|[67]\s?li|90\s?y|177\s?lu|[12][:\s]?(?:5|17)\b)"
)
_END = rf"(?:\s*[.:;,|)\]]+(?!\d)\s*|\s*[-–—]+\s+|\s+(?!{_UNITS}\b|[%°×*≥≤<>±~+])|\s*$|(?=[぀-ヿ㐀-鿿가-힯]))"
_NUMBER = rf"{_NOT_A_NUMBER}(?-i:[A-Z]{{1,4}}-\d{{4,}}|\d+)(?:[-.]\d+|\s?/\s?\d+)*"
_LABELLED = re.compile(
    rf"(?P<label>[^\W\d_]++)(?:[\s.\-/]{{0,2}}(?:{_FURTHER})(?![^\W\d_]))*[.°º]?\s?"
    rf"(?:[:#=№]+\s?(?:{_NUMBER}{_END})?|{_NUMBER}{_END})",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"{_NOT_A_NUMBER}(?:[#№]\s?\d+|0\d\d+(?:[-/]\d+)*|\d{{5,}}(?:-\d+|\s?/\s?\d+)*"
    rf"|(?P<line>\d{{0,3}}0/\d{{0,3}}0)|\d{{1,3}}[.)](?=\s)|[1-9]\d?0(?=\s[^\W\d_]{{3}})){_END}(?=\S)",
    re.IGNORECASE,
)
_WHOLE = 100  # two numbers of this sum are the shares of a mixture


def without_prefix(shown: str) -> str:
    """The readable text behind what an ERP wrote in front of it; empty where that is all that it says."""
    for _ in range(_MOST):
        match = _prefix(shown)
        if match is None:
            break
        shown = shown[match.end() :].lstrip()
    return shown


def _prefix(shown: str) -> re.Match[str] | None:
    if not shown:
        return None
    if shown[0].isalpha():
        begins = shown[:3].lower()
        if begins not in _BEGINNINGS and begins[:2] not in _BEGINNINGS and not begins.startswith("p/"):
            return None  # the way of most descriptions
        match = _LABELLED.match(shown)
        return match if match is not None and match["label"].lower() in _LABELS else None
    match = _NUMBERED.match(shown)
    if match is not None and match["line"] and sum(map(int, match["line"].split("/"))) == _WHOLE:
        return None
    return match
