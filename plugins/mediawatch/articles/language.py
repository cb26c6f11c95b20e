"""The language of a text: by its script where that decides, by its letters' statistics where not."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

SAMPLE_CHARS = 4_000
"""What is read of a text; more changes nothing, and costs 0.15 ms a thousand characters."""
SURE_LETTERS = 200
SURE_SIGNS = 20
"""Fewer letters than this lower the confidence in proportion; where the script decides, few are enough."""
MAJORITY = 0.5

SCRIPT_LANGUAGE = {
    **{"HANGUL": "ko", "THAI": "th", "HEBREW": "he", "GREEK": "el", "GEORGIAN": "ka", "ARMENIAN": "hy"},
    **{"TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn", "MALAYALAM": "ml", "GUJARATI": "gu", "GURMUKHI": "pa"},
    **{"SINHALA": "si", "KHMER": "km", "LAO": "lo", "MYANMAR": "my", "ORIYA": "or"},
}
"""Scripts, by the first word of their letters' Unicode names, that one living language of the press is written in."""
SCRIPT_CANDIDATES = {
    "CYRILLIC": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "ba"),
    "ARABIC": ("ar", "fa", "ur", "ps", "ug", "sdh"),
    "DEVANAGARI": ("hi", "mr", "ne", "sa", "gom"),
    "BENGALI": ("bn", "as"),
}
"""Scripts of several languages: the statistics choose among these only."""
KANA_SHARE = 0.05
"""Japanese has kana in every sentence; Chinese has none."""

RUSSIAN = re.compile(r"[ыэё]")
"""Not ъ, which Bulgarian has in every second word."""
UKRAINIAN = re.compile(r"[іїєґ]")
OTHER = re.compile(r"[ңқөүұғәһҗҷҳӣӯђјљњћџѓѕќ]")
"""Letters that none of the three has: Kazakh, Mongolian, Tajik, Serbian, Macedonian, …"""
TELLING = 0.005
"""Share of a text that its language's own letters have at least; a quotation in another one has less."""
MIXED = 0.015
"""Belarusian has і and ы, each in this share: Russian has no і, and Ukrainian no ы."""

SIMPLIFIED = frozenset(
    "这国们来说时为会发对过学经还后见样问种关开长东车马鱼鸟龙门间闻书买卖读写语话请谢让认识记论设证词试该详谁调谈课"
    "业产电视节约级红绿纪给结统继续维网罗军农华协单历县变号吗听团员图圆场坏块声处备复够头夺奋妇妈姐宁实审宽对导"
    "选确动应项进没当无与两机权总战党际规运报务价处议访达过还远连边铁银钱错键镇队险难预领题风饭馆驻骗黄齐齿"
)
TRADITIONAL = frozenset(
    "這國們來說時為會發對過學經還後見樣問種關開長東車馬魚鳥龍門間聞書買賣讀寫語話請謝讓認識記論設證詞試該詳誰調談課"
    "業產電視節約級紅綠紀給結統繼續維網羅軍農華協單歷縣變號嗎聽團員圖圓場壞塊聲處備復夠頭奪奮婦媽姊寧實審寬對導"
    "選確動應項進沒當無與兩機權總戰黨際規運報務價處議訪達過還遠連邊鐵銀錢錯鍵鎮隊險難預領題風飯館駐騙黃齊齒"
)
ONLY_SIMPLIFIED, ONLY_TRADITIONAL = SIMPLIFIED - TRADITIONAL, TRADITIONAL - SIMPLIFIED
"""Frequent characters that the reform of 1956 changed."""

Guess = tuple[str | None, float]
"""(ISO 639 code, confidence in 0..1)"""


def detect(text: str) -> Guess:
    """The language of a text and how sure that is; (None, 0.0) for a text without letters."""
    letters = "".join(char for char in text[:SAMPLE_CHARS].lower() if char.isalpha())
    if not letters:
        return None, 0.0
    scripts = Counter(map(_script, letters))
    language, confidence = _by_script(letters, scripts)
    if language:
        return language, round(confidence * min(1.0, len(letters) / SURE_SIGNS), 3)
    candidates = SCRIPT_CANDIDATES.get(scripts.most_common(1)[0][0])
    language, confidence = _by_statistics(text[:SAMPLE_CHARS], candidates)
    return language, round(confidence * min(1.0, len(letters) / SURE_LETTERS), 3)


def script(text: str, language: str | None) -> str | None:
    """Which of its scripts a language with two is written in (ISO 15924); None for others and where it is unclear."""
    sample = text[:SAMPLE_CHARS]
    if language == "zh":
        simplified = sum(char in ONLY_SIMPLIFIED for char in sample)
        traditional = sum(char in ONLY_TRADITIONAL for char in sample)
        return None if simplified == traditional else "Hans" if simplified > traditional else "Hant"
    if language == "sr":
        cyrillic = sum(_script(char) == "CYRILLIC" for char in sample)
        return "Cyrl" if cyrillic > len(sample) / 4 else "Latn"
    return None


def _by_script(letters: str, scripts: Counter[str]) -> Guess:
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if kana + scripts["CJK"] > len(letters) * MAJORITY:
        return ("ja", 0.99) if kana > KANA_SHARE * len(letters) else ("zh", 0.99)
    script, count = scripts.most_common(1)[0]
    if script in SCRIPT_LANGUAGE and count > len(letters) * MAJORITY:
        return SCRIPT_LANGUAGE[script], 0.99
    language = _cyrillic(letters) if script == "CYRILLIC" else None
    return (language, 0.98) if language else (None, 0.0)


def _cyrillic(letters: str) -> str | None:
    """Russian, Ukrainian and Belarusian by the letters that the others do not have; None for other languages."""
    russian, ukrainian, other = (len(each.findall(letters)) / len(letters) for each in (RUSSIAN, UKRAINIAN, OTHER))
    if other > TELLING or max(russian, ukrainian) < TELLING:
        return None
    if min(russian, ukrainian) > MIXED:
        return "be"
    return "ru" if russian > ukrainian else "uk"


def _by_statistics(text: str, candidates: tuple[str, ...] | None) -> Guess:
    ranked: list[tuple[str, float]] = _model().rank(text)
    allowed = [(language, share) for language, share in ranked if candidates is None or language in candidates]
    if not allowed:
        return None, 0.0
    language, share = allowed[0]
    return ("zh" if language in ("wuu", "yue") else language), share / (sum(share for _, share in allowed) or 1.0)


@lru_cache(maxsize=4_096)
def _script(char: str) -> str:
    return unicodedata.name(char, "?").split()[0].split("-")[0]


@lru_cache(maxsize=1)
def _model() -> LanguageIdentifier:
    """py3langid's model, once a process: 0.5 s and about 60 MB. `norm_probs` makes its scores probabilities."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
