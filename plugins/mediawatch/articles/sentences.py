"""Counting what makes prose: words and sentences, in any script."""

from __future__ import annotations

import re

CJK = r"\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"[{CJK}]|[^\W_]+(?:['’-][^\W_]+)*")
SIGN = re.compile(rf"[{CJK}]")
END = re.compile(r"[.!?…؟۔।][\"'”’»)\]]*(?=\s|$)|[。！？][”」』）]*")
MIN_WORDS = 4


def count_words(text: str) -> int:
    """Words; a Chinese or Japanese character counts as half a word, as translators reckon."""
    words = WORD.findall(text)
    signs = sum(1 for word in words if SIGN.match(word))
    return len(words) - signs // 2


def count_sentences(text: str) -> int:
    """Stretches of four words or more that end as sentences do; the end of a line alone ends none."""
    ended = (stretch for line in text.split("\n") for stretch in END.split(line)[:-1])
    return sum(1 for stretch in ended if count_words(stretch) >= MIN_WORDS)
