"""How far text reads like words."""

from __future__ import annotations

import pytest

from actors.render.word_likeness import word_likeness

PROSE = {
    "English": "The quick brown fox jumps over the lazy dog; it wasn't the first time (nor the last) in 1984.",
    "German": "Der Angstschweiß stand ihm auf der Stirn, vgl. S. 12 ff., und die GmbH & Co. KG zahlte 3.500,00 €.",
    "French": "L'été dernier, nous avons mangé des crêpes à l'ombre d'un vieux chêne.",
    "Czech": "Byl pozdní večer, první máj, večerní máj, byl lásky čas; hrdliččin zval ku lásce hlas.",
    "Greek": "Η γρήγορη αλεπού πηδάει πάνω από τον τεμπέλη σκύλο κάθε πρωί.",
    "Russian": "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "Arabic": "كل شيء كان هادئا في المدينة الصغيرة عندما وصلنا إليها مساء",
    "Hebrew": "בראשית ברא אלהים את השמים ואת הארץ",
    "Chinese": "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。",
    "Japanese": "吾輩は猫である。名前はまだ無い。",
    "Korean": "모든 사람은 태어날 때부터 자유롭고 평등하다.",
    "Hindi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता प्राप्त है",
    "Thai": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกัน",
    "figures": "12,50 € 3.14 2026-01-31 17:45 –5 100 % (12) 1/2",
    "names": "McDonald iPhone HTML H2O A4 XIV iii 3rd",
}


@pytest.mark.parametrize("language", PROSE)
def test_words_of_every_script_read_like_words(language: str) -> None:
    likeness = word_likeness(PROSE[language])
    assert likeness.share is not None
    assert likeness.share > 0.9
    assert likeness.singles < 0.3


RUBBISH = {
    "codes shifted by a font": "7KLV LV D WHVW RI WKH JOREDO HPHUJHQFB EURDGFDVW V\\VWHP DQG LW ZLOO EH RYHU " * 2,
    "letters shuffled": " ".join(["xqt", "wrbd", "kplst", "mnvc", "qzx", "trwq", "bdfg", "hjkl"] * 4),
    "signs": "\"#$% &'()* +,-./ :;<=> ?@[\\] ^_`{|",
    "one sign between others": '"7+%-',
    "a poor OCR": "tl1e q|uick br0wn f0x jumq5 0v3r tlnc 1azy clog aud tHeN rvns awäy5 iuto t]he w00ds",
}


@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish_does_not(kind: str) -> None:
    share = word_likeness(RUBBISH[kind]).share
    assert share is not None
    assert share < 0.6


def test_words_torn_apart_are_told_by_their_single_letters() -> None:
    assert word_likeness("T h e q u i c k b r o w n f o x").singles == 1.0


@pytest.mark.parametrize("text", ["", "  \n", "• – — ...", "* * *"])
def test_where_nothing_counts_there_is_no_share(text: str) -> None:
    assert word_likeness(text).share is None
