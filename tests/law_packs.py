"""Small law packs for tests, written as files: one instrument with parts, one without, in days that no law is of.

The tables are the packaged ones, where a test does not bring its own.
"""

from collections.abc import Mapping
from pathlib import Path

OXIDES = """\
id: CN-2021-1
titles: {en: "Control of dysprosium", zh: "镝管制"}
authority: [MOFCOM]
published: "2021-01-01"
source: {cite: "Announcement 1 of 2021", confidence: "V[S1]"}
scope: "dysprosium oxide"
limbs:
  "*":
    timeline:
      - {status: not_yet_effective, from: "2021-01-01", until: "2021-01-31", until_inclusive: true,
         takes_effect: "2021-02-01"}
      - {status: in_force, from: "2021-02-01"}
      - {status: suspended, from: "2021-06-01", until: "2021-12-31", by: CN-2021-2, confirmed_at: "2021-06-01"}
entries:
  - code: 9X1
    name: {en: "Dysprosium oxide", zh: "氧化镝"}
    kind: goods
    effect: dual_use_license
    condition:
      material: {element: Dy, class: oxide}
    source: "Announcement 1 of 2021"
    confidence: "V[S1]"
"""
LIMBS = """\
id: CN-2021-2
titles: {en: "Two paragraphs <of one & another>", zh: "两款"}
authority: [MOFCOM]
published: "2021-06-01"
source: {cite: "Announcement 2 of 2021", confidence: "M-md"}
scope: "cathode technology"
limbs:
  "1":
    name: "paragraph 1"
    timeline:
      - {status: in_force, from: "2021-06-01"}
  "2":
    name: "paragraph 2"
    timeline:
      - {status: in_force, from: "2021-06-01", until: "2021-08-31", until_inclusive: true}
      - {status: repealed, from: "2021-09-01", by: CN-2021-2, confirmed_at: "2021-09-02"}
entries:
  - code: 9T1
    name: {en: "Preparation of LFP", zh: "磷酸铁锂制备"}
    kind: technology
    effect: technology_license
    limb: "1"
    condition:
      all:
        - process: lfp_preparation
        - parameter: {name: compaction_density, op: ">=", value: "2.58", unit: g/cm3, condition: {pressure: "220"}}
    source: "Announcement 2 of 2021"
    confidence: "M-md"
"""
DESCRIPTION = 'name: small\nversion: "1"\nsources: {S1: "a source"}\nextends: tables\n'


def write_pack(folder: Path, changes: Mapping[str, str] | None = None, **files: str) -> Path:
    """The small pack in a folder. ``changes`` are replacements of text, each of which must be found in a file.

    ``files`` are further files by path with ``/`` written ``__``: ``cn__CN_2021_3`` is ``cn/CN-2021-3.yaml``.
    """
    content = {"pack": DESCRIPTION, "cn__CN_2021_1": OXIDES, "cn__CN_2021_2": LIMBS, **files}
    for old, new in (changes or {}).items():
        assert any(old in text for text in content.values()), old
        content = {name: text.replace(old, new) for name, text in content.items()}
    for name, text in content.items():
        path = folder / (name.replace("__", "/").replace("_", "-") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
