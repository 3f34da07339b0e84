"""Texts without blanks: names are words there, too, so a letter to many people is many letters."""

import random

import pytest

from reconciled.duplicates.normalising import Tokens
from reconciled.duplicates.search import find
from reconciled.duplicates.splitting import words
from reconciled.duplicates.steps import compare
from reconciled.duplicates.words import Band, Paper

JAPANESE = """高松検査研究所
{name}
北区栄町1-30-16, 2024年10月28日
件名 患者の皆様へ
{name}様
前回お伝えしたように、富山支店の証明書は全額免除となります。なお、郵送により歯科治療に関する保険証は担当医師に
回付しました。理学療法の給付金は補償の範囲外です。料金表に従い自己負担額は全額免除となります。眼鏡購入の領収書は
年度末まで有効です。商品受領後七日以内にご確認ください。診察の十分前までにお越しください。本人確認のうえ前年度の
予約は変更はございません。
敬具
石島花子
泌尿器科"""
CHINESE = """高松检验中心
{name}女士
北区荣町130号, 2024年10月28日
主题 致各位患者
尊敬的{name}女士：
如前所述，富山分院的证明已全额免除。牙科治疗的保险单已转交主治医师。理疗的补助不在保障范围之内。按照价目表，自付费用
全额免除。眼镜的发票在年底之前有效。请在收到商品之后七天以内确认。请在就诊之前十分钟到达。核对身份之后，上一年度的
预约没有变化。
此致敬礼
石岛花
泌尿科"""
NAMES = {
    JAPANESE: (
        "渡井翔太",
        "北島葵",
        "中藤千尋",
        "佐原拓海",
        "佐原秀樹",
        "木井さくら",
        "大山久美子",
        "小野剛",
    ),
    CHINESE: ("王小明", "李大伟", "张丽", "欧阳建国", "陈美玲", "陈志强", "赵敏", "刘洋"),
}
TAKEN = {"証": "誰", "医": "区", "書": "昼", "证": "让", "费": "贵", "内": "肉", "回": "囘", "治": "冶"}
"""Letters that a scanner takes for others."""


@pytest.mark.parametrize("letter", [JAPANESE, CHINESE], ids=["Japanese", "Chinese"])
def test_a_letter_to_many_people_is_many_letters(letter: str) -> None:
    papers = [Paper(at, letter.format(name=name)) for at, name in enumerate(NAMES[letter])]
    assert [one for one in find(papers) if one.band is Band.DUPLICATE] == []


@pytest.mark.parametrize("letter", [JAPANESE, CHINESE], ids=["Japanese", "Chinese"])
def test_and_each_of_them_is_found_when_it_was_scanned_twice(letter: str) -> None:
    chance = random.Random(3)
    papers = [Paper(at, letter.format(name=name)) for at, name in enumerate(NAMES[letter])]
    again = [Paper(at + 20, _scanned(paper.text, chance)) for at, paper in enumerate(papers)]
    found = {(one.a, one.b) for one in find([*papers, *again]) if one.band is not Band.DIFFERENT}
    assert {(at, at + 20) for at in range(len(papers))} <= found
    sure = {(one.a, one.b) for one in find([*papers, *again]) if one.band is Band.DUPLICATE}
    assert {pair for pair in sure if pair[1] - pair[0] != 20} == set()


def _scanned(text: str, chance: random.Random) -> str:
    return "".join(TAKEN[letter] if letter in TAKEN and chance.random() < 0.3 else letter for letter in text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("前回お伝えしたように", ["前回", "お", "伝", "えしたように"]),
        ("渡井翔太様", ["渡井翔太", "様"]),
        ("アレルギー体質の方", ["アレルギー", "体質", "の", "方"]),
        ("尊敬的王小明先生", ["尊敬", "的", "王小明", "先生"]),
        ("2024年10月28日", ["2024", "年", "10", "月", "28", "日"]),
        ("ﾃｽﾄ", ["テスト"]),
        ("二〇二四年五月第三号", ["二〇二四", "年", "五", "月第", "三", "号"]),
        ("高 松 検 査 です", ["高松検査", "です"]),
        ("ไทย", ["ไ", "ท", "ย"]),
    ],
)
def test_where_words_end(text: str, found: list[str]) -> None:
    assert words(text, dates=False) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("一月", "十月"),
        ("五百円", "五二円"),
        ("一万円", "十万円"),
        ("十一号", "一〇一号"),
        ("二十", "二一〇"),
    ],
)
def test_two_numbers_are_never_one(one: str, other: str) -> None:
    assert Tokens().tokens(one) != Tokens().tokens(other)
    assert Tokens().hashes(one).tolist() != Tokens().hashes(other).tolist()


def test_a_letter_that_was_read_for_another_makes_no_other_language() -> None:
    plain = words(CHINESE, dates=False)
    other = words(CHINESE.replace("的证明", "の证明"), dates=False)
    assert sum(one != two for one, two in zip(plain, other, strict=True)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("二〇二四年五月", "第三号"), ("二〇二四年六月", "第四号")),
        (("五月", "伍佰元"), ("五月", "陆佰元")),
        (("五月", "伍佰元"), ("五月", "伍仟元")),
        (("一月", "伍佰元"), ("十月", "伍佰元")),
    ],
)
def test_another_month_is_another_paper(one: tuple[str, str], other: tuple[str, str]) -> None:
    papers = {
        at: Paper(at, CHINESE.format(name="王小明").replace("2024年10月28日", when).replace("泌尿科", what))
        for at, (when, what) in enumerate((one, other))
    }
    assert all(likeness.band is not Band.DUPLICATE for likeness in compare(papers, [(0, 1)]))
