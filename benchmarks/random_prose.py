"""Sentences that nobody has written: words drawn by a seed, so that no reader can have been fitted to the text."""

from __future__ import annotations

import random

_ENGLISH = """
about above across after again against almost alone along already although always among another answer around
because become before behind believe below beside between beyond bridge bright bring brother brown build business
captain careful carry castle century certain chamber change children church circle clear clothes colour common
company consider continue corner council country courage cousin current daughter december decide different distance
doctor double doubt during early earth eight either empty engine enough evening every example except expect family
farmer father feather figure final finger follow foreign forest forget fortune forward friend future garden general
gentle girl glass golden government grass great green ground happen harbour hardly heavy height himself history
honest horse hospital hundred imagine important inches increase indeed inside instead island journey kitchen
knowledge labour language large laugh leather letter library light likely little machine many market master matter
measure member method middle million minute moment morning mother mountain music narrow nation nature necessary
neither never notice number object office often opinion orange order other outside paper parent particular
passage people perhaps person picture pleasure pocket position possible power present president probable problem
promise purpose quarter question quick quiet railway reason receive record regular remain remember report result
return river road round safety school season second secret separate servant several silver simple single sister
something sometimes southern special square station stone storm straight strange street strong student sudden summer
surface surprise system table teacher thought thousand through together tomorrow travel trouble twenty under until
valley village visitor voice water weather whether window winter within without wonder wooden worker writing yellow
yesterday young
"""

_ARABIC = """
الكتاب المدينة البحر السماء الطريق الباب المدرسة القمر الشجرة الولد البيت النهر الجبل السوق الصباح المساء
كبير جميل قديم بعيد قريب جديد طويل هادئ يكتب يقرأ يذهب يسكن يعرف يحمل ينظر
"""

_JAPANESE = """
山の 川の 町の 海の 春の 秋の 朝の 夜の 東の 西の 古い 新しい 白い 青い 小さな 大きな
道を 花を 月を 空を 本を 水を 駅を 橋を 見た 歩く 思う 読む 書く 聞く 待つ 渡る
"""


ENGLISH, ARABIC, JAPANESE = _ENGLISH.split(), _ARABIC.split(), _JAPANESE.split()


class Prose:
    """Sentences in one script; the same chance gives the same sentences.

    No sentence comes twice, and none holds a digit: page numbers can't be mistaken for text.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def words(self, count: int) -> str:
        return " ".join(self.chance.choices(ENGLISH, k=count))

    def title(self, count: int = 4) -> str:
        return " ".join(word.capitalize() for word in self.chance.choices(ENGLISH, k=count))

    def sentence(self, shortest: int = 7, longest: int = 15) -> str:
        """Its first word is written large, a comma may stand in it, and it ends with a full stop."""
        words = self.chance.choices(ENGLISH, k=self.chance.randint(shortest, longest))
        words[0] = words[0].capitalize()
        if len(words) > 9 and self.chance.random() < 0.5:
            comma = self.chance.randint(3, len(words) - 3)
            words[comma] += ","
        return " ".join(words) + "."

    def sentences(self, count: int) -> list[str]:
        return [self.sentence() for _ in range(count)]

    def arabic(self) -> str:
        return " ".join(self.chance.choices(ARABIC, k=self.chance.randint(5, 8))) + "."

    def japanese(self) -> str:
        return "".join(self.chance.choices(JAPANESE, k=self.chance.randint(4, 6))) + "。"

    def amount(self) -> str:
        """A number of money, as cells of tables hold them."""
        return f"{self.chance.randint(1, 9999)}.{self.chance.randint(0, 99):02}"
