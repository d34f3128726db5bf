"""A listed name inside a longer one is a question where it tells enough, and ordinary companies are left alone."""

import random
from datetime import date

import pytest

from exportwatch.screening.contained import ContainedNames
from exportwatch.screening.names import party_name, read_name
from exportwatch.screening.parties import Hit, PartyLists
from exportwatch_events.control import PartyListEntry
from exportwatch_events.documents import Party

ON = date(2026, 3, 2)
MOST_QUESTIONS = 0.003  # of ordinary parties
SYLLABLES = (
    "ka zu mi ro ten shi lo var nek dol pra wen xin hua yong gor bal tur ves lin mar sol kem rav dun ost hel"
)
BRANDS = (
    "harbor summit falcon evergreen pioneer golden royal northern atlas orion phoenix delta sierra crystal eagle "
    "liberty heritage vertex quantum solar polar amber silver cedar maple granite coastal prairie meadow canyon "
    "meridian beacon compass frontier horizon imperial jupiter keystone lakeside monarch neptune olympic "
    "paragon sapphire sterling titan vanguard victory willow zenith aurora blue bright capital central coral"
)
TRADES = (
    "Trading Logistics Industries Technologies Electronics Systems Shipping Aviation Energy Materials Chemicals "
    "Engineering Group Services Solutions Optics Metals Machinery Instruments Components Motors Plastics"
)
PLACES = "Shanghai Munich Singapore Dubai Osaka Milano Rotterdam Istanbul"
FORMS = ("Ltd", "Co., Ltd.", "LLC", "GmbH", "Inc.", "S.A.", "JSC", "Pte Ltd")
SIGNS = "华东海天光中新金鑫宏盛泰安德康恒瑞达兴隆源丰顺通博力科创智远长城百和佳美嘉宝龙凤鹏飞"


def entry(number: int, name: str, country: str | None = None) -> PartyListEntry:
    return PartyListEntry(list_id="cn-control-list", entry_id=str(number), name=name, country=country)


def hits(lists: PartyLists, name: str, country: str | None = None) -> tuple[Hit, ...]:
    return lists.hits((Party(role="end_user", name=name, country=country),), ON)


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("Kestrelmoor Dynamics", "Kestrelmoor Dynamics (Shanghai) Co., Ltd."),
        ("Kestrelmoor Dynamics", "Kestrelmoor Dynamics Trading GmbH"),
        ("Kestrelmoor Dynamics", "c/o Kestrelmoor Dynamics"),
        ("Kestrelmoor Dynamics", "Kestrelmoor Dynamics - Plant 2, Building 7"),
        ("Kestrelmoor Dynamics", "Hong Kong Kestrelmoor Dynamics"),
        ("Kestrelmoor Dynamics", "KESTREL MOOR DYNAMICS, Munich branch"),
        ("Kestrelmoor Dynamics Inc.", "Dornfelder Kestrelmoor Dynamics Holding AG"),
        ("Orion Dynamics", "Orion Dynamics (Shanghai) Co., Ltd."),
        ("Nordwerkstatt", "Nordwerkstatt Shanghai Branch"),
        ("Nordwerkstatt", "Nordwerkstatt Trading GmbH"),
        ("Кестрелмур Динамика", "Zavod Kestrelmur Dinamika Moskva"),
        ("凯斯特莫动力有限公司", "凯斯特莫动力（上海）有限公司"),
        ("凯斯特莫动力有限公司", "凯斯特莫动力上海有限公司"),
        ("凯斯特莫动力有限公司", "上海凯斯特莫动力有限公司"),
        ("凯斯特莫动力有限公司", "凱斯特莫動力（香港）有限公司"),
        ("凯斯特莫动力", "大成凯斯特莫动力实业有限公司"),
        ("华迈技术有限公司", "华迈技术（深圳）有限公司"),
        ("中国航天示例研究院", "上海中国航天示例研究院第五研究所"),
        ("National Steel Research Institute", "National Steel Research Institute Shanghai Branch"),
        ("ZTQX 55 Research Institute", "ZTQX 55 Research Institute, Plant 2"),
        ("주식회사 보기소재", "보기소재 상하이"),
        ("株式会社ケストレルダイナミクス", "ケストレルダイナミクス東京支店"),
    ],
)
def test_a_longer_name_that_holds_a_listed_one_is_a_question(listed: str, asked: str) -> None:
    for lists in (PartyLists([entry(1, listed)]), PartyLists([entry(1, listed, "CN")])):
        (hit,) = hits(lists, asked, "DE")
        assert not hit.exact
        assert 0.85 <= hit.score < 1


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("Orion", "Orion Trading GmbH"),
        ("Orion", "Orion Shanghai Branch"),
        ("Dynamics", "Kestrelmoor Dynamics"),
        ("Universal", "Universal Shanghai Branch"),
        ("Orion Dynamics", "Orion Dynamics Trading GmbH"),  # two common brands, and a trade that is another's
        ("Orion Dynamics", "Kaltenbach Orion Dynamics"),
        ("Global Trading", "Global Trading Kaltenbach GmbH"),
        ("Global Trading", "Global Trading Shanghai Branch"),
        ("National Steel Research Institute", "National Steel Research Institute Trading"),
        ("보기", "보기 상하이"),
        ("中国", "中国石油化工"),
        ("中国电子", "中国电子进出口"),
        ("上海电子科技有限公司", "上海电子科技发展有限公司"),
        ("华迈", "华迈（深圳）有限公司"),
        ("华迈技术有限公司", "北京华迈技术有限公司"),  # a brand of two signs in the register of another place
        ("华迈技术有限公司", "华迈技术李四食品有限公司"),
        ("Li Wei", "Li Wei Trading"),
        ("Kestrelmoor Dynamics", "Kestrelmoor Bakery"),
        ("Kestrelmoor Dynamics", "Kestrelmoor Marine Dynamics"),  # not in one piece
    ],
)
def test_a_name_that_many_bear_inside_another_is_no_question(listed: str, asked: str) -> None:
    assert not hits(PartyLists([entry(1, listed)]), asked)


def test_the_reason_says_what_is_contained_and_what_stands_beside_it() -> None:
    lists = PartyLists([entry(1, "Kestrelmoor Dynamics")])
    (known,) = hits(lists, "Kestrelmoor Dynamics (Shanghai) Co., Ltd.")
    assert known.why == (
        "the listed name 'kestrelmoor dynamics' is contained, beside place, branch or trade words: 'shanghai'",
    )
    (unknown,) = hits(lists, "Dornfelder Kestrelmoor Dynamics Pfandl Holding")
    assert unknown.why == (
        "the listed name 'kestrelmoor dynamics' is contained, "
        "beside words that are not known: 'dornfelder pfandl holding'",
    )
    assert unknown.score < known.score


def test_a_word_that_many_names_of_the_list_have_tells_nothing() -> None:
    group = [entry(number, f"Tarvenholm {syllable(number)}") for number in range(60)]
    one_word = entry(100, "Tarvenholm")
    assert hits(PartyLists([one_word]), "Tarvenholm Shanghai Branch")
    assert not hits(PartyLists([one_word, *group[:10]]), "Tarvenholm Shanghai Branch")
    pair = entry(101, "Tarvenholm Star")
    assert hits(PartyLists([pair]), "Zogorbal Tarvenholm Star")
    assert not hits(PartyLists([pair, *group]), "Zogorbal Tarvenholm Star")


def syllable(number: int) -> str:
    parts = SYLLABLES.split()
    return "".join(random.Random(number).choices(parts, k=4))


def test_listing_and_delisting_count_for_a_contained_name_too() -> None:
    dated = PartyListEntry(
        list_id="cn-control-list", entry_id="1", name="Kestrelmoor Dynamics", listed_from=date(2026, 3, 3)
    )
    assert not hits(PartyLists([dated]), "Kestrelmoor Dynamics Shanghai")


def company(rng: random.Random) -> str:
    coined = ["".join(rng.choices(SYLLABLES.split(), k=rng.randint(2, 4))).capitalize() for _ in range(2)]
    common = [brand.capitalize() for brand in rng.sample(BRANDS.split(), 2)]
    brand = rng.choice([coined[:1], coined, common, [*coined[:1], *common[:1]], [*common[:1], *coined[:1]]])
    words = [*brand, *rng.sample(TRADES.split(), rng.choice([1, 1, 2]))]
    if rng.random() < 0.25:
        words.insert(rng.choice([0, len(words)]), rng.choice(PLACES.split()))
    return f"{' '.join(words)} {rng.choice(FORMS)}"


def chinese(rng: random.Random) -> str:
    brand = "".join(rng.choices(SIGNS, k=rng.choice([2, 3, 3, 4])))
    place = rng.choice(["", "", "上海", "北京", "深圳", "江苏", "苏州"])
    trade = rng.choice(
        "科技 电子 贸易 材料 机械 光电技术 进出口 电子科技 化工 航空 实业 物流 生物科技".split()
    )
    return f"{place}{brand}{trade}{rng.choice(['有限公司', '股份有限公司', '有限责任公司'])}"


def test_ordinary_companies_are_questions_in_at_most_three_of_a_thousand() -> None:
    rng = random.Random(20)
    listed = [*(company(rng) for _ in range(3_000)), *(chinese(rng) for _ in range(1_000)), *BRANDS.split()]
    lists = PartyLists([entry(number, name) for number, name in enumerate(listed)])
    known = {party_name(name) for name in listed}
    asked = [*(company(rng) for _ in range(4_000)), *(chinese(rng) for _ in range(2_000))]
    others = [name for name in asked if party_name(name) not in known]
    questioned = [name for name in others if hits(lists, name)]
    assert len(others) > 5_500
    assert len(questioned) <= MOST_QUESTIONS * len(others), questioned


def test_every_listed_name_is_found_in_its_branch_among_25000() -> None:
    rng = random.Random(21)
    coined = {" ".join(syllable(rng.randrange(10**9)) for _ in range(2)) for _ in range(25_000)}
    names = sorted(coined)
    lists = PartyLists([entry(number, name) for number, name in enumerate(names)])
    for number in rng.sample(range(len(names)), 100):
        asked = (
            f"{names[number]} {rng.choice(PLACES.split())} {rng.choice(TRADES.split())} {rng.choice(FORMS)}"
        )
        assert str(number) in {hit.entry_id for hit in hits(lists, asked)}, asked


class Counting(dict[str, object]):
    """A mapping that counts its look-ups."""

    lookups = 0

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        self.lookups += 1
        return super().get(key, default)


@pytest.mark.parametrize(
    "asked", ["Kestrelmoor Dynamics Trading Munich GmbH", "上海凯斯特莫动力科技有限公司"]
)
def test_the_look_ups_for_a_name_do_not_grow_with_the_list(asked: str) -> None:
    counted = []
    for size in (100, 10_000):
        rng = random.Random(3)
        names = [company(rng) if number % 5 else chinese(rng) for number in range(size)]
        contained = PartyLists([entry(n, name) for n, name in enumerate(names)])._index._contained
        looked = Counting(contained._joined)
        contained._joined = looked  # type: ignore[assignment]
        assert not list(contained.inside(read_name(asked)))
        counted.append(looked.lookups)
    assert counted[0] == counted[1] <= 80


def test_a_name_of_many_words_is_looked_at_in_bounded_time() -> None:
    lists = PartyLists([entry(1, "Kestrelmoor Dynamics"), entry(2, "凯斯特莫动力")])
    for text in ("kes tre lmo " * 10_000, "凯斯" * 100_000):
        assert not hits(lists, text)


def test_what_was_found_without_contained_names_is_found_with_them_and_no_less_surely() -> None:
    rng = random.Random(22)
    listed = [*(company(rng) for _ in range(2_000)), *(chinese(rng) for _ in range(500))]
    index = PartyLists([entry(number, name) for number, name in enumerate(listed)])._index
    asked = [read_name(name) for name in (*listed[::7], *(company(rng) for _ in range(500)))]
    with_them = [dict(index.find(name)) for name in asked]
    index._contained = ContainedNames({}, {}, ())
    for name, found in zip(asked, with_them, strict=True):
        for other, likeness in index.find(name):
            assert found[other].score >= likeness.score
            assert found[other].exact == likeness.exact
