"""Grouping: what is one story, what must stay apart, and that the order of arrival does not matter."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mediawatch.stories.group import Group, Link, Node, Verdict, group, kinship
from mediawatch.stories.match import match
from mediawatch.stories.sketch import sketch

NOON = datetime(2024, 1, 31, 12, tzinfo=timezone.utc)


def stories(*texts: list[str]) -> list[Group]:
    """Texts (article ids are their places) as they would be grouped after matching every pair."""
    sketches = [sketch(" ".join(text)) for text in texts]
    found = {(a, b): match(sketches[a], sketches[b]) for a, b in combinations(range(len(texts)), 2)}
    links = [Link(a, b, each.kind, each.score) for (a, b), each in found.items() if each is not None]
    return group([Node(i, made.words, NOON, terms=made.terms) for i, made in enumerate(sketches)], links)


def ids(groups: list[Group]) -> set[tuple[int, ...]]:
    """The articles of each story."""
    return {each.article_ids for each in groups}


# ---- texts -----------------------------------------------------------------------------------------------------------


def test_every_kind_of_copy_joins_its_original(write, edit) -> None:
    text = write("original", 900)
    lead, wrapped = text[:60], write("intro", 12) + edit(text[:360], 0.05)
    assert ids(stories(text, text[:540], text[:135], text[300:750], edit(text, 0.15), lead, wrapped)) == {
        tuple(range(7))
    }


def test_cuts_that_share_nothing_join_through_their_common_original(write) -> None:
    text = write("common original", 900)
    assert ids(stories(text[:135], text[360:810], text)) == {(0, 1, 2)}


def test_cuts_that_share_nothing_stay_apart_without_their_original(write) -> None:
    text = write("lost original", 900)
    assert ids(stories(text[:135], text[360:810])) == {(0,), (1,)}


def test_a_round_up_of_three_stories_joins_none_of_them(write) -> None:
    a, b, c = (write(subject, 500) for subject in ("ferry", "budget", "harvest"))
    cuts = [text[:200] for text in (a, b, c)]
    roundup = a[:400] + b[:400] + c[:400]
    assert ids(stories(a, b, c, *cuts, roundup)) == {(0, 3), (1, 4), (2, 5), (6,)}


def test_a_round_up_of_whole_stories_is_recognised_by_parts_that_are_strangers(write) -> None:
    a, b, c = (write(subject, 400) for subject in ("ferry", "budget", "harvest"))
    groups = stories(a, b, c, a + b + c)
    assert ids(groups) == {(0,), (1,), (2,), (3,)}
    assert [each.anchor for each in groups if each.is_roundup] == [3]


def test_a_reprinted_round_up_is_a_story_of_its_own(write, edit) -> None:
    a, b = write("ferry", 400), write("budget", 400)
    assert ids(stories(a, b, a + b, edit(a + b, 0.03))) == {(0,), (1,), (2, 3)}


def test_a_page_of_half_one_story_and_half_another_is_no_bridge(write) -> None:
    a, b = write("ferry", 600), write("budget", 600)
    assert ids(stories(a, a[300:] + b[:300], b)) == {(0,), (1,), (2,)}


def test_a_wrapped_copy_takes_no_copies_from_the_original(write) -> None:
    text = write("ferry", 900)
    wrapped = write("blog", 110) + text[:360] + write("end of the blog", 110)
    groups = ids(stories(text, text[:360], text[:135], text[300:750], wrapped))
    assert {0, 1, 2, 3} in map(set, groups)


def test_a_page_of_a_long_story_and_a_short_one_joins_neither(write) -> None:
    long, short = write("ferry", 900), write("budget", 400)
    texts = [text[:share] for text, shares in ((long, (900, 500, 350)), (short, (400, 240, 160))) for share in shares]
    assert ids(stories(*texts, long[:720] + short[:320])) == {(0, 1, 2), (3, 4, 5), (6,)}


def test_cuts_that_share_nothing_are_one_piece_where_a_third_runs_from_one_into_the_other(write) -> None:
    whole = write("ferry", 480) + write("elsewhere", 420)  # its end is on another matter, in other words
    lead, end, between = whole[:300], whole[500:], whole[100:760]
    assert len(ids(stories(whole, lead, end))) == 3
    assert ids(stories(whole, lead, end, between)) == {(0, 1, 2, 3)}


def test_a_shared_block_quote_joins_nothing(write) -> None:
    quote = write("minister", 150)
    assert ids(stories(write("ferry", 250) + quote, quote + write("budget", 350))) == {(0,), (1,)}


# ---- rules -----------------------------------------------------------------------------------------------------------


def test_a_chain_of_versions_ends_where_trust_is_used_up() -> None:
    nodes = [Node(i, 500 - i) for i in range(6)]
    chain = [Link(i, i + 1, "edited", 0.8) for i in range(5)]
    assert not any({0, 5} <= set(each) for each in ids(group(nodes, chain)))


def test_a_part_of_two_originals_goes_to_the_one_of_which_it_is_most() -> None:
    nodes = [Node(1, 900), Node(2, 400), Node(3, 300)]
    assert ids(group(nodes, [Link(1, 3, "cut", 1.0), Link(2, 3, "cut", 1.0)])) == {(1,), (2, 3)}


@pytest.mark.parametrize("kind", ["contains", "shares_text"])
def test_links_for_the_reader_merge_nothing(kind) -> None:
    assert ids(group([Node(1, 500), Node(2, 400)], [Link(1, 2, kind, 0.9)])) == {(1,), (2,)}


def test_each_member_has_the_way_that_made_it_one() -> None:
    links = [Link(1, 2, "edited", 0.9), Link(2, 3, "cut", 0.8)]
    (story,) = group([Node(1, 500), Node(2, 490), Node(3, 100)], links)
    ways = {member.article_id: (member.path, member.trust) for member in story.members}
    assert ways == {1: ((), 1.0), 2: ((links[0],), 0.9), 3: ((links[0], links[1]), pytest.approx(0.72))}


def test_an_analyst_can_join_what_no_link_joins() -> None:
    assert ids(group([Node(1, 500), Node(2, 400)], [], [Verdict(1, 2, same=True)])) == {(1, 2)}


def test_an_analyst_can_part_copies_even_when_another_way_joins_them() -> None:
    nodes, links = [Node(1, 500), Node(2, 490), Node(3, 480)], [Link(1, 2, "edited", 1), Link(2, 3, "edited", 1)]
    groups = group(nodes, [*links, Link(1, 3, "exact", 1)], [Verdict(3, 1, same=False)])
    assert ids(groups) == {(1, 2), (3,)}


def test_links_to_unknown_articles_are_ignored() -> None:
    assert ids(group([Node(1, 500)], [Link(1, 9, "exact", 1.0)])) == {(1,)}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Node(2, 400, NOON + timedelta(hours=5), is_agency=True), "an agency comes before its reprints"),
        (Node(2, 400, NOON - timedelta(hours=5)), "then the earliest"),
        (Node(0, 500, NOON), "then the longest, then the smallest id"),
    ],
)
def test_the_canonical_article_is_the_source_of_the_others(other: Node, why: str) -> None:
    (story,) = group([Node(1, 500, NOON), other], [Link(1, other.article_id, "edited", 0.9)])
    assert story.canonical == other.article_id, why


def test_an_article_without_a_trustworthy_time_is_not_canonical() -> None:
    (story,) = group([Node(1, 900), Node(2, 500, NOON)], [Link(1, 2, "cut", 1.0)])
    assert story.canonical == 2


def test_kinship_is_high_within_one_article_and_low_between_two(write) -> None:
    def terms(words: list[str]) -> bytes:
        return sketch(" ".join(words)).terms

    text = write("kin", 600)
    assert kinship([terms(text[:200]), terms(text[300:])]) > 1 > kinship([terms(text), terms(write("stranger", 600))])
    assert kinship([]) == 0


# ---- properties ------------------------------------------------------------------------------------------------------

KINDS = st.sampled_from(["exact", "edited", "cut", "contains", "shares_text"])


@st.composite
def components(draw) -> tuple[list[Node], list[Link], list[Verdict]]:
    """Up to ten articles of different lengths with arbitrary links: more wicked than texts can make them."""
    lengths = draw(st.lists(st.integers(50, 2000), min_size=1, max_size=10, unique=True))
    vocabularies = st.sampled_from([b"", b"\x01\x00\x02\x00", b"\x03\x00\x04\x00\x05\x00"])
    nodes = [Node(i, words, None, draw(st.booleans()), 0, draw(vocabularies)) for i, words in enumerate(lengths)]
    pairs = st.tuples(st.integers(0, len(nodes) - 1), st.integers(0, len(nodes) - 1)).filter(lambda p: p[0] != p[1])
    found = draw(st.dictionaries(pairs, st.tuples(KINDS, st.floats(0.2, 1)), max_size=25))
    said = draw(st.dictionaries(pairs, st.booleans(), max_size=2))
    return nodes, [Link(*pair, *rest) for pair, rest in found.items()], [Verdict(*p, same=s) for p, s in said.items()]


@settings(deadline=None)
@given(components(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(component, dice: random.Random) -> None:
    expected = group(*component)
    for part in component:
        dice.shuffle(part)
    assert group(*component) == expected


@settings(deadline=None)
@given(components(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_no_group(component, dice: random.Random) -> None:
    nodes, links, verdicts = component
    new = list(range(100, 100 + len(nodes)))
    dice.shuffle(new)
    renumbered = group(
        [Node(new[n.article_id], n.words, None, n.is_agency, 0, n.terms) for n in nodes],
        [Link(new[each.a], new[each.b], each.kind, each.score) for each in links],
        [Verdict(new[each.a], new[each.b], each.same) for each in verdicts],
    )
    expected = {frozenset(new[i] for i in each) for each in ids(group(*component))}
    assert {frozenset(each) for each in ids(renumbered)} == expected


@settings(deadline=None)
@given(components())
def test_every_article_is_in_one_story_that_its_path_leads_to(component) -> None:
    nodes, _, verdicts = component
    groups = group(*component)
    assert sorted(i for each in groups for i in each.article_ids) == [node.article_id for node in nodes]
    parted = [{each.a, each.b} for each in verdicts if not each.same]
    for story in groups:
        assert {story.canonical, story.anchor} <= set(story.article_ids)
        assert not any(pair <= set(story.article_ids) for pair in parted)
        for member in story.members:
            here = story.anchor
            for link in member.path:
                here = link.b if link.a == here else link.a
            assert here == member.article_id
