"""Stories of one happening come together, those of another stay apart, whatever the order."""

from __future__ import annotations

import random
from datetime import timedelta

import numpy as np
from mediawatch.events.group import Story, _roughly_alike, group, telling, worth_comparing
from mediawatch.events.label import label
from mediawatch.events.rarity import BUCKETS, Rarity, unlearned
from mediawatch.events.terms import term_hash

FERRY = (
    "Two ferries ran aground in the Haldane Strait when a storm hit on Tuesday, and six hundred people spent the night on board.",
    "Passengers of the stranded Haldane ferries were taken ashore after the storm; the captain praised the six hundred on board.",
    "A night aboard: how passengers sang while the storm held both ferries fast in the Haldane Strait.",
)
TALKS = (
    "American and Chinese officials met in Beijing this week and launched a working group against fentanyl trafficking.",
    "A joint group on fentanyl trafficking was launched in Beijing by Chinese and American officials after talks.",
)


def ids(stories: list[Story], rarity: Rarity) -> list[list[int]]:
    return group(stories, rarity)


def test_stories_of_one_happening_are_one_event_though_their_words_differ(tell, rarity) -> None:
    stories = [tell("", text) for text in (FERRY[0], TALKS[0], FERRY[1], TALKS[1], FERRY[2])]
    assert ids(stories, rarity(stories)) == [[1, 3, 5], [2, 4]]


def test_the_same_words_a_year_later_are_another_event(tell, rarity) -> None:
    stories = [tell("", FERRY[0]), tell("", FERRY[1]), tell("", FERRY[2], days=365)]
    assert ids(stories, rarity(stories)) == [[1, 2], [3]]


def test_a_page_on_two_happenings_joins_them_not(tell, rarity) -> None:
    stories = [tell("", FERRY[0]), tell("", TALKS[0]), tell("", FERRY[0] + " " + TALKS[0])]
    assert len(ids(stories, rarity(stories))) == 2


def test_days_that_differ_speak_against_one_event(tell, rarity) -> None:
    def told(day: str, number: str) -> Story:
        text = f"Rescue crews in Haldane said on {day} that {number} people were missing after the flood near the mill."
        return tell("", text + f" Search teams found boats by the {number} bridges.")

    same = [told("Monday", "seven"), told("Monday", "nine")]
    other = [told("Monday", "seven"), told("Friday", "nine")]
    assert len(ids(same, rarity(same))) == 1
    assert len(ids(other, unlearned().after([s.terms.hashes for s in other] * 40))) >= len(
        ids(same, unlearned().after([s.terms.hashes for s in same] * 40))
    )


def test_words_that_all_compared_stories_share_tell_nothing_apart(tell) -> None:
    dice = random.Random(7)

    def told() -> Story:
        own = " ".join("".join(dice.choices("bdgklmnprst", k=6)) for _ in range(24))
        return tell("", f"The siege of Kessara went on; the militia fought the army. {own}")

    pair, crowd = [told(), told()], [told() for _ in range(60)]
    assert len(ids(pair, unlearned())) == 1
    assert len(ids([*pair, *crowd], unlearned())) > 50


def test_the_order_of_the_input_changes_nothing(tell, rarity) -> None:
    stories = [tell("", text) for text in (*FERRY, *TALKS)]
    expected = ids(stories, rarity(stories))
    random.Random(4).shuffle(stories)
    assert ids(stories, rarity(stories)) == expected


def test_no_story_is_no_event_and_a_story_without_words_is_its_own(tell, rarity) -> None:
    assert group([], unlearned()) == []
    stories = [tell("", ""), tell("", ""), tell("", FERRY[0])]
    assert ids(stories, rarity(stories)) == [[1], [2], [3]]


def test_a_story_without_a_time_is_compared_without_it(tell, rarity) -> None:
    one, other = tell("", FERRY[0]), tell("", FERRY[1])
    timeless = Story(other.story_id, other.terms, None, "en")
    assert ids([one, timeless], rarity([one, other])) == [[1, 2]]


def test_the_most_telling_terms_are_rare_ones(tell, rarity) -> None:
    story = tell("", FERRY[0])
    best = telling(story.terms, rarity([story]), "en", 4)
    assert term_hash("haldane", "en") in best
    assert term_hash("the", "en") not in best


def test_an_event_is_called_by_the_headline_that_says_most_of_it(tell, rarity) -> None:
    titles = ("Singing all night", "Haldane ferries aground in storm", "What we know so far")
    stories = [tell(title, text) for title, text in zip(titles, FERRY, strict=True)]
    title, words = label(list(zip(stories, titles, strict=True)), rarity(stories))
    assert title == "Haldane ferries aground in storm"
    assert {"Haldane", "ferries"} <= set(words)


def test_what_was_learned_is_halved_after_twenty_thousand_stories(tell) -> None:
    terms = tell("", "ferry").terms.hashes
    full = Rarity(20_000, unlearned().counts + 10_000)
    after = full.after([terms])
    assert after.stories == 10_000
    assert int(after.counts.sum()) == BUCKETS * 5_000


def test_half_an_hour_apart_is_no_distance(tell, rarity) -> None:
    stories = [tell("", FERRY[0]), tell("", FERRY[1], days=timedelta(hours=0.5) / timedelta(days=1))]
    assert ids(stories, rarity(stories)) == [[1, 2]]


def test_a_crowd_is_compared_in_parts_that_are_alike(tell, rarity, monkeypatch) -> None:
    told = [*FERRY, *TALKS]
    stories = [tell("", f"{text} The Meridian Post reports.") for text in told * 3]
    expected = ids(stories, rarity(stories))
    monkeypatch.setattr("mediawatch.events.group._MOST_TOGETHER", 9)
    assert ids(stories, rarity(stories)) == expected


def test_a_few_stories_at_a_time_are_as_near_to_each_other_as_all_at_once(tell, rarity, monkeypatch) -> None:
    stories = [tell("", FERRY[0], days=4 * number) for number in range(5)]
    whole = _roughly_alike(stories, rarity(stories))
    assert (np.diff(whole[0]) < 0).all()  # the longer the time between them, the less alike
    monkeypatch.setattr("mediawatch.events.group._ROWS_AT_ONCE", 2)
    assert np.array_equal(_roughly_alike(stories, rarity(stories)), whole)


def test_only_candidates_that_could_tell_of_one_thing_are_worth_comparing(tell, rarity) -> None:
    stories = [tell("", text) for text in (FERRY[0], FERRY[1], TALKS[0])]
    later = tell("", FERRY[1], days=300)
    pairs = [(1, 2), (1, 3), (1, 4)]
    assert worth_comparing([*stories, later], pairs, rarity(stories)) == [2]
