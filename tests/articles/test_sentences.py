"""Words and sentences."""

from __future__ import annotations

import pytest
from mediawatch.articles.sentences import count_sentences, count_words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The council met on Tuesday. It voted for the bridge!", 2),
        ("“The council met on Tuesday.” It voted for the bridge?", 2),
        ("Home\nWorld\nSport\nAbout us and our partners", 0),
        ("Yes. No. Perhaps so.", 0),
        ("市议会星期二决定修桥。明年动工，秋天完成。", 2),
        ("Growth was 3.5 percent at example.com this year.", 1),
    ],
)
def test_sentences_are_stretches_that_end_as_sentences_do(text: str, sentences: int) -> None:
    assert count_sentences(text) == sentences


def test_words_are_counted_in_any_script() -> None:
    assert count_words("The council's well-known plan") == 4
    assert count_words("市议会决定") == 3
    assert count_words("— …") == 0
