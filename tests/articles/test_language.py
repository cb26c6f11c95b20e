"""Which language a text is in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mediawatch.articles.language import detect, script

TEXTS = {
    "en": "The council voted on Tuesday to build a second bridge over the river next year.",
    "de": "Der Stadtrat hat am Dienstag beschlossen, eine zweite Brücke über den Fluss zu bauen.",
    "fr": "Le conseil a décidé mardi de construire un deuxième pont sur la rivière l'année prochaine.",
    "es": "El consejo decidió el martes construir un segundo puente sobre el río el próximo año.",
    "pt": "O conselho decidiu na terça-feira construir uma segunda ponte sobre o rio no próximo ano.",
    "ru": "Городской совет решил во вторник построить второй мост через реку, сообщили в мэрии.",
    "uk": "Міська рада вирішила у вівторок побудувати другий міст через річку, повідомили в мерії.",
    "be": "Гарадскі савет вырашыў у аўторак пабудаваць другі мост праз раку, паведамілі ў мэрыі.",
    "bg": "Градският съвет реши във вторник да построи втори мост над реката, съобщиха от общината.",
    "kk": "Қалалық кеңес сейсенбіде өзен арқылы екінші көпір салуға шешім қабылдады.",
    "mk": "Градскиот совет во вторникот одлучи да изгради втор мост преку реката, соопштија од општината.",
    "zh": "市议会星期二决定明年在河上修建第二座桥。",
    "ja": "市議会は火曜日、来年川に二本目の橋を架けることを決めた。",
    "ko": "시의회는 화요일 내년에 강에 두 번째 다리를 건설하기로 결정했다.",
    "ar": "قرر مجلس المدينة يوم الثلاثاء بناء جسر ثان فوق النهر في العام المقبل.",
    "fa": "شورای شهر روز سه‌شنبه تصمیم گرفت سال آینده پل دومی روی رودخانه بسازد.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να χτίσει δεύτερη γέφυρα.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_in_its_language(language: str) -> None:
    found, confidence = detect(TEXTS[language] * 4)
    assert found == language
    assert confidence > 0.5


def test_a_short_text_is_a_guess() -> None:
    assert detect("Presidente dijo")[1] < 0.3
    assert detect(TEXTS["en"] * 4)[1] > 0.8


def test_a_foreign_name_does_not_change_the_language() -> None:
    assert detect(TEXTS["zh"] + " President Joe Biden, Xi Jinping " + TEXTS["zh"])[0] == "zh"


def test_no_letters_no_language() -> None:
    assert detect("2024 – 31:12") == (None, 0.0)


@settings(deadline=None)  # the first text loads the model
@given(st.text(max_size=60))
def test_confidence_is_a_share(text: str) -> None:
    assert 0.0 <= detect(text)[1] <= 1.0


def test_the_scripts_of_chinese_and_serbian_are_told_apart() -> None:
    assert script("国会星期二表决，将在河上建第二座桥，这是十一年来的第一次。", "zh") == "Hans"
    assert script("國會星期二表決，將在河上建第二座橋，這是十一年來的第一次。", "zh") == "Hant"
    assert script("Скупштина је у уторак гласала о мосту.", "sr") == "Cyrl"
    assert script("Skupština je u utorak glasala o mostu.", "sr") == "Latn"
    assert script("The council voted.", "en") is None
