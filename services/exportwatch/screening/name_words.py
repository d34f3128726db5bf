"""Words of names that tell no company from another: where it sits, what part of it, what it deals in.

Beside those that the entity-name library knows (``names.common_word``). ``FILLING`` words say nothing about whose name
it is when they stand beside it, and of them the ``PLACING`` ones least; ``ORDINARY`` ones are brands of thousands of
companies, so that one of them alone names none. A word that is missing costs a person a look, or a score a little.
"""

_LATIN_PLACES = """
    shenzhen guangzhou suzhou wuxi ningbo nanjing hangzhou wuhan xian chengdu dongguan xiamen qingdao dalian ganzhou
    baotou changsha hefei jinan foshan zhuhai kunshan changzhou hong kong hongkong macau taiwan taipei hsinchu
    kaohsiung tokyo osaka nagoya kyoto kobe yokohama seoul busan incheon singapore hanoi saigon ho chi minh bangkok
    jakarta manila delhi mumbai bangalore bengaluru chennai dubai london paris munich muenchen munchen frankfurt
    stuttgart duesseldorf dusseldorf cologne koeln koln leipzig vienna wien zurich zuerich geneva basel milan milano
    rome roma turin torino madrid barcelona lisbon brussels antwerp rotterdam amsterdam prague warsaw budapest
    stockholm oslo copenhagen helsinki kyiv kiev petersburg istanbul ankara new york chicago houston detroit boston
    angeles francisco toronto montreal sydney melbourne europe europa european asia asian pacific apac emea america
    americas american africa african middle east north south west northern southern eastern western central usa uk
    uae prc eu gb cn de jp kr us sea overseas shenyang moskva gmb
"""
_LATIN_PARTS = """
    branch office plant building warehouse department dept division div unit hq headquarters headquarter
    representative rep subsidiary zone floor street road room block no number nr hub site works workshop line
    facility store shop depot gate niederlassung zweigniederlassung betriebsstaette werk halle gebaeude lager
    abteilung filiale succursale agence usine batiment sucursal planta fabrica edificio almacen stabilimento sede
    filiaal vestiging chi nhanh nha may filial zavod sklad tsekh predstavitelstvo pobochka oddzial pobocka c o co
    care of attn attention zhd z hd for via per by dba aka formerly fka nka the and und et y e a an de la le les del
    di da van von der al el successor successors
"""
_LATIN_TRADES = """
    sales sale trade trader traders export exports import imports distribution distributor distributors supply
    supplies marketing materials material metals metal minerals mineral parts components component products product
    goods equipment tools tooling technology technologies tech precision optics optical semiconductor semiconductors
    automation robotics procurement purchasing sourcing freight forwarding cargo express transport packaging
    printing textile textiles food gas water paper plastics plastic rubber glass ceramics magnet magnets battery
    batteries furniture foods new
"""
_LATIN_KIN = """
    son sons brother brothers bros partner partners gebrueder gebruder sohn sohne soehne fils freres figli hijos
    hermanos filhos irmaos groep gruppe groupe gruppo grupo grupa koncern konzern gesellschaft handel handels den
    der ter ten npo oao zao cong ty doanh nghiep tu nhan trach nhiem huu han hop danh phan
"""
PLACING = frozenset(f"{_LATIN_PLACES} {_LATIN_PARTS}".split())  # where it sits, and which part of it it is
FILLING = PLACING | frozenset(f"{_LATIN_TRADES} {_LATIN_KIN}".split())

_HAN_PLACES = """
    中国 中华 日本 韩国 德国 美国 香港 澳门 台湾 台北 上海 北京 天津 重庆 深圳 广州 苏州 无锡 宁波 南京 杭州 武汉
    西安 成都 东莞 厦门 青岛 大连 赣州 包头 长沙 合肥 济南 佛山 珠海 昆山 常州 江苏 浙江 广东 山东 福建 湖北 湖南
    河北 河南 四川 江西 安徽 辽宁 吉林 黑龙江 陕西 山西 云南 贵州 广西 海南 甘肃 内蒙古 新疆 宁夏 青海 东京 大阪
    名古屋 京都 神户 横滨 首尔 新加坡 欧洲 亚洲 亚太 美洲 全球 华东 华南 华北 华中 西南 西北 东北 东部 西部 南部
    北部 省 市 县 区 镇 村 路 号 楼 室
"""
_HAN_PARTS = """
    第一 第二 第三 第四 第五 第六 第七 第八 第九 第十 一厂 二厂 三厂
    有限责任公司 股份有限公司 有限公司 股份公司 分公司 子公司 总公司 公司 集团 总部 分厂 工厂 制作所 总厂 厂 分部
    部门 事业部 事务所 办事处 代表处 营业所 营业部 支社 支店 分店 门店 仓库 车间 园区 工业园 开发区 高新区 号楼
    研究院 研究所 研究中心 研发中心 技术中心 中心 实验室 股份 有限 责任 转交 收 分 的 及 和
"""
_HAN_TRADES = """
    大学 学院 科技 技术 科学 电子 电气 电器 电力 电机 机械 机电 化工 化学 材料 新材料 金属 有色 稀土 磁业 磁材
    磁性材料 矿业 钢铁 冶金 能源 新能源 动力 光电 光学 半导体 通信 通讯 信息 资讯 网络 软件 智能 自动化 机器人 航空
    航天 船舶 汽车 制造 工业 实业 产业 商业 商贸 贸易 进出口 物流 运输 供应链 投资 控股 发展 开发 服务 咨询 管理
    工程 建设 建筑 设备 仪器 仪表 医疗 医药 生物 食品 纺织 包装 印刷 塑料 橡胶 玻璃 陶瓷 家具 旅游 广告 传媒 电脑
    银行 联合 国际 世界 精密
"""


def _longer_first(*tables: str) -> tuple[str, ...]:
    """So that 分公司 is not read as 公司 behind a 分 of the name's own."""
    return tuple(sorted({*" ".join(tables).split()}, key=lambda word: (-len(word), word)))


HAN_PLACING = _longer_first(_HAN_PLACES, _HAN_PARTS)
HAN_FILLING = _longer_first(_HAN_PLACES, _HAN_PARTS, _HAN_TRADES)

ORDINARY = frozenset(
    """
    able absolute acme active advance advanced aero alliance allied alpha alpine alternative amber ambassador anchor
    apex apollo aqua arc arctic argus ark arrow ascent associated associates atlantic atlas aurora avalon axis azure
    bay beacon best beta better black blue bridge bright brilliant broadway business canyon capital cardinal castle
    champion choice circle city classic clear coast cobalt colonial comfort commercial compass concord concept
    connect continental core corner cosmos creative crescent crest cross crown crystal custom cyber data dawn delta
    design diamond digital direct discovery diversified dolphin dragon dream dynamic dynamics dynasty eagle earth
    eclipse eco edge elite emerald empire endeavor endeavour enterprise epic equinox essential eternal ever
    evergreen evolution excel excellence excellent express falcon family federal fidelity first flame focus fortune
    forward foundation fox freedom frontier fusion future galaxy gamma garden gateway gemini general genesis giant
    global globe gold golden good grand granite great green guardian harbor harbour harmony harvest hawk hercules
    heritage high highland hill home honor horizon house icon ideal image impact imperial independent infinite
    infinity innovation innovations innovative insight inspire integral integrated integrity inter international
    island ivory jade jet jupiter key king kingdom knight lake land laser leader leading legacy legend liberty life
    light lighthouse line link lion live logic lotus lucky luna magic magnum main major maple mark master matrix
    maximum media mega mercury meridian metro metropolitan midland millennium mission mobile modern momentum moon
    motion mountain multi mutual national native natural nature navigator neo neptune net network new nexus noble
    nord nova oak oasis ocean oceanic omega omni one open optimum optima orbit orient oriental origin orion pacific
    palace paragon park partner partners pathfinder patriot peak pearl pegasus penta people perfect performance
    phoenix pilot pinnacle pioneer planet platinum plaza plus polar polaris port power precise premier premium
    prestige prime princess priority pro professional progress progressive prosper prosperity pyramid quality
    quantum queen quest radiant rainbow rapid ray reliable reliance renaissance republic resource resources rising
    river rock rose royal ruby safe sapphire saturn science sea secure select senior sigma signal signature silver
    sirius sky smart solar solid sonic source south spark spartan special spectrum speed spirit spring sprint
    standard star stars state stellar sterling stone strategic stream strong success summit sun sunrise sunset
    sunshine super superior supreme sure swift synergy tactical target team terra tiger titan top total touch tower
    town trans triangle trident trinity triumph triton true trust turbo twin ultimate ultra union unique united
    unity universal universe urban valley value vanguard vector vega venture venus vertex victoria victory view
    viking village vision vista vital vortex vulcan wave way wealth white wild win wind wise wonder wood world young
    zenith zero zeus zodiac zone dongfang donghai dongxing fuda haitian hengda hongda huaxing huaxia huayuan jinda
    jinhua jinlong jinxing longda tianhe tianlong xinda xinhua xingda yongda yongxing zhongda zhongxin zhonghua
    """.split()
)
