"""Which articles say of themselves that they were retracted or corrected, in many languages, and which only sound so."""

from __future__ import annotations

import pytest
import yaml
from mediawatch import data
from mediawatch.articles.notices import KINDS, find_notice

BODY = "The mill burned for two hours.\n\nNobody was hurt.\n\n"

CORRECTED = [
    ("Mill burns", BODY + "Correction: the fire broke out on Sunday, not on Monday."),
    ("Mill burns", BODY + "CORRECTION (5 March): The mill has two floors."),
    ("Mill burns", BODY + "Editor’s note: this article has been amended to give the owner's name."),
    ("Mill burns", BODY + "An earlier version of this article misstated the number of sacks."),
    ("CORRECTED - Mill burns for two hours", BODY),
    ("Mill burns for two hours (Corrected)", BODY),
    ("Mühle brennt", BODY + "Korrektur: Das Feuer brach am Sonntag aus."),
    ("Mühle brennt", BODY + "Anmerkung der Redaktion: In einer früheren Version dieses Textes stand Montag."),
    ("Le moulin brûle", BODY + "Une version antérieure de cet article situait l'incendie lundi."),
    ("Arde el molino", BODY + "Fe de erratas: el incendio fue el domingo."),
    ("Moinho em chamas", BODY + "ERRATA: o incêndio foi no domingo."),
    ("Brucia il mulino", BODY + "Errata corrige: l'incendio è scoppiato domenica."),
    ("Molen brandt", BODY + "In een eerdere versie van dit artikel stond maandag."),
    ("Kvarn brinner", BODY + "Rättelse: branden var i söndags."),
    ("Pożar młyna", BODY + "Sprostowanie: pożar wybuchł w niedzielę."),
    ("Сгорела мельница", BODY + "Исправление: пожар начался в воскресенье."),
    ("Згорів млин", BODY + "У попередній версії статті йшлося про понеділок."),
    ("Değirmen yandı", BODY + "Düzeltme: yangın pazar günü çıktı."),
    ("磨坊失火", BODY + "更正：火灾发生在星期日。"),
    ("製粉所で火災", BODY + "【訂正】火災は日曜日でした。"),
    ("제분소 화재", BODY + "이 기사의 이전 버전에는 월요일로 되어 있었습니다."),
]
RETRACTED = [
    ("RETRACTED: Mill burns", BODY),
    ("Mill burns [retracted]", BODY),
    ("Mill burns", "This article has been retracted. The fire did not take place."),
    ("Mill burns", BODY + "Correction: the Gazette has retracted this story, as its source could not be confirmed."),
    ("Mühle brennt", "Dieser Artikel wurde zurückgezogen, weil die Quelle nicht belegt war."),
    ("Le moulin brûle", "Nous avons retiré cet article, dont la source n'a pas pu être confirmée."),
    ("Arde el molino", "Este artículo ha sido retirado por un error en la fuente."),
    ("Moinho em chamas", "Esta reportagem foi retirada do ar."),
    ("Сгорела мельница", "Этот материал отозван редакцией."),
    ("磨坊失火", "撤稿：本报未能证实消息来源。"),
    ("製粉所で火災", "この記事は取り消しました。"),
]
NEITHER = [
    ("Mill burns", BODY + "Editor's note: Ada Finch writes on mills every week."),
    ("Mühle brennt", BODY + "Anmerkung der Redaktion: Die Serie wird fortgesetzt."),
    ("Journal retracts study on coffee", "The journal retracted the study on Monday.\n\nIts editor was not available."),
    ("A market correction is due, say banks", "Analysts expect a correction: prices have risen for a year."),
    ("Governor corrects her figures", "The governor corrected an earlier version of the budget."),
    ("Corrections officers strike", "Corrections officers walked out on Monday."),
    ("Troops withdrawn", "Troops were withdrawn from the border on Monday."),
    ("Corrección en la bolsa", "La corrección de la bolsa sigue."),
    (
        "What a retraction means",
        "\n\n".join(["One."] * 5 + ["They wrote that “this article has been retracted”."] + ["Two."] * 5),
    ),
]


@pytest.mark.parametrize(("title", "text"), CORRECTED)
def test_an_article_that_says_it_was_corrected_is_found(title: str, text: str) -> None:
    notice = find_notice(title, text)
    assert notice is not None
    assert notice.kind == "correction"
    assert notice.words in (title, text.rpartition("\n\n")[2])


def test_the_words_of_a_notice_begin_with_the_sentence_that_says_it() -> None:
    text = BODY + "Ada Finch has a mill at Tarn. It burned! An earlier version of this article had two mills. Sorry."
    notice = find_notice("Mill burns", text)
    assert notice is not None
    assert notice.words == "An earlier version of this article had two mills. Sorry."


@pytest.mark.parametrize(("title", "text"), RETRACTED)
def test_an_article_that_says_it_was_retracted_is_found_before_any_correction(title: str, text: str) -> None:
    notice = find_notice(title, text)
    assert notice is not None
    assert notice.kind == "retraction"


@pytest.mark.parametrize(("title", "text"), NEITHER)
def test_an_article_about_corrections_and_retractions_carries_no_notice(title: str, text: str) -> None:
    assert find_notice(title, text) is None


def test_every_kind_has_words_in_every_language_and_no_word_is_listed_twice() -> None:
    found = yaml.safe_load(data.notices())
    assert tuple(found) == KINDS
    languages = {language for kind in found.values() for part in kind.values() for language in part}
    for kind in found.values():
        assert set(kind["labels"]) == set(kind["phrases"]) == languages
        for part in kind.values():
            words = [(language, word) for language, listed in part.items() for word in listed]
            assert len(words) == len(set(words))
