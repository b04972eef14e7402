"""Our values for findings, and the views below them, on the rows of small_warehouse.sql and small_weights.sql."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.findings import ask, measure_shares, name_the_model, rows, value, write

# Ranks


@pytest.mark.parametrize(
    ("word", "items", "ranks", "expected"),
    [
        ("cat", ["4/2/6/0"], [1], 1),  # 2 and -1 above the baseline
        ("cat", ["4/2/6/1"], [2], 0),
        ("damn", ["4/2/6/1", "4/2/6/0"], [1, 2], 1),
        ("zebra", ["4/2/6/0"], [], "not measured"),
        ("incomprehensibilities", ["4/2/6/0"], [], "not measured"),  # was too wide
        ("cat", ["4/2/6/0", "4/2/6/7"], [1], "not measured"),  # one of them is not a unit
    ],
)
def test_units_among_the_first(
    small_warehouse: Path, word: str, items: list[str], ranks: list[int], expected: float | str
) -> None:
    ask(small_warehouse, "units among the first", *items, stimulus_text=word, layer_name="4/2/6")
    assert rows(
        small_warehouse, "select model_id, item_name, our_rank, ranked_count from finding_ranks order by item_rank"
    ) == [(1, item, rank, 2) for item, rank in zip(items, ranks, strict=False)]
    assert value(small_warehouse) == expected


def test_words_are_ranked_in_the_newest_run_that_holds_them_and_the_layer(small_warehouse: Path) -> None:
    ask(small_warehouse, "rank of a unit", unit_name="4/2/6/1", layer_name="4/2/6", stimulus_text="cat")
    assert value(small_warehouse) == 2
    write(
        small_warehouse,
        "insert into runs select 9, * exclude (run_id) replace ('run 9' as settings_sha256, "
        "'2024-09-01'::timestamp as finished_at) from runs where run_id = 2; insert into run_stimuli values (9, 3); "
        "insert into activations select 9, 3, unit_id, 100 * unit_id, 900 from units; "
        "insert into baseline_activations select 9, unit_id, 0 from units",
    )
    assert value(small_warehouse) == 2  # run 9 did not show cats
    write(small_warehouse, "update findings set stimulus_text = 'dog'")
    assert value(small_warehouse) == 1  # the newer run; 2 in the older one
    write(small_warehouse, 'update runs set settings = \'{"layers": ["4/1/5"]}\' where run_id = 9')
    assert value(small_warehouse) == 2


def test_words_that_a_unit_answers_to_are_those_that_rank_it_among_five(small_warehouse: Path) -> None:
    # 4/2/6/0 rises by 2 on cat, 6 on dog; five new units rise by 5 on both.
    write(
        small_warehouse,
        "insert into units select 10 + range, 2, 10 + range, '4/2/6/' || 10 + range, 1, 0 from range(5); "
        "insert into activations select 2, stimuli.range, 10 + units.range, 5, 9 "
        "from range(2, 4) as stimuli cross join range(5) as units; "
        "insert into baseline_activations select 2, 10 + range, 0 from range(5)",
    )
    ask(small_warehouse, "words that a unit answers to", "cat", "dog", unit_name="4/2/6/0", layer_name="4/2/6")
    assert value(small_warehouse) == 0.5
    ask(small_warehouse, "words that a unit answers to", "cat", "zebra", unit_name="4/2/6/0", layer_name="4/2/6")
    assert value(small_warehouse) == "not measured"


def test_words_among_the_first_are_ten_or_one_in_a_hundred_of_those_shown(small_warehouse: Path) -> None:
    # Unit 4/2/6/0 says 4 to cat and 8 to dog; ten words more that it says 6 to.
    write(
        small_warehouse,
        "insert into stimuli select 50 + range, 'word', 'w' || range, null, 'w' || range, 9, 9, false, null "
        "from range(10); insert into activations select 2, 50 + range, 2, 6, 9 from range(10)",
    )
    ask(small_warehouse, "words among the first", "cat", "dog", "zebra", unit_name="4/2/6/0")
    assert rows(small_warehouse, "select item_name, our_rank, ranked_count from finding_ranks order by 2") == [
        ("dog", 1, 13),
        ("cat", 12, 13),
    ]
    assert value(small_warehouse) == 0.5
    write(small_warehouse, "update stimuli set stimulus_text = 'Dog' where stimulus_id = 3")
    assert value(small_warehouse) == 0.5


@pytest.mark.parametrize(
    ("measure", "first"),
    [
        # Towards 4/2/5/0 (s = 2): sums 196 and 392 with s = 0.5 and -2, that is 98 and -784; magnitudes 7 and 56.
        ("contributors by largest mean", "3/5/1/0"),
        ("contributors by smallest mean", "3/5/1/1"),
        ("contributors by largest magnitude", "3/5/1/1"),
    ],
)
def test_contributors_are_ranked_as_the_original_did(small_weights: Path, measure: str, first: str) -> None:
    (second,) = {"3/5/1/0", "3/5/1/1"} - {first}
    for item in (second, first):
        ask(small_weights, measure, item, unit_name="4/2/5/0", layer_name="3/5/1")
        assert value(small_weights) == float(item == first)
    write(small_weights, "update units set batch_norm_scale = -2 where unit_id = 8")
    assert value(small_weights) == float(measure.endswith("magnitude"))


# Words that are published for units


def list_words(path: Path, unit_name: str, *words: str) -> None:
    listed = ", ".join(f"('RN50', '{unit_name}', {rank}, '{word}', false)" for rank, word in enumerate(words, start=1))
    write(path, f"delete from published_unit_words; insert into published_unit_words values {listed}")


def show_words(path: Path, *answers: float) -> None:
    """Show w0, w1, ... in run 2: what unit 4/2/6/0 (4 on cat, 8 on dog, 6 on damn) answers."""
    write(
        path,
        f"create temp table answers as select unnest(range({len(answers)})) as place, "
        f"unnest({list(answers)}) as answer; "
        "insert into stimuli select 50 + place, 'word', 'W' || place, null, 'w' || place, 9, 9, false, null "
        "from answers; insert into run_stimuli select 2, 50 + place from answers; "
        "insert into activations select 2, 50 + place, 2, answer, 9 from answers",
    )


AGREEMENT = (
    "select unit_name, listed_word_count, shown_word_count, strong_word_share, strong_first_three_share "
    "from published_word_agreement"
)


def test_published_words_agree_where_they_are_in_the_strongest_hundredth(small_warehouse: Path) -> None:
    show_words(small_warehouse, *[0.5] * 196, 20)  # two hundred texts: one hundredth are two
    list_words(small_warehouse, "4/2/6/0", "w196", "zebra", "dog", "damn")
    assert rows(small_warehouse, AGREEMENT) == [("4/2/6/0", 4, 3, pytest.approx(2 / 3), 1)]
    list_words(small_warehouse, "4/2/6/0", "zebra", "w196")
    assert rows(small_warehouse, AGREEMENT) == [("4/2/6/0", 2, 1, 1, 1)]


def test_a_unit_that_is_silent_on_a_word_does_not_answer_to_it(small_warehouse: Path) -> None:
    show_words(small_warehouse, *[0] * 196)
    write(small_warehouse, "update activations set activation_mean = 0 where run_id = 2")
    list_words(small_warehouse, "4/2/6/0", "cat", "dog")
    assert rows(small_warehouse, AGREEMENT) == [("4/2/6/0", 2, 2, 0, 0)]


def test_long_lists_and_first_three_words_are_two_claims(small_warehouse: Path) -> None:
    list_words(small_warehouse, "4/2/6/0", "dog", "cat", "damn", "eeeeee")
    write(small_warehouse, "insert into published_unit_words values ('RN50', '4/2/6/1', 1, 'dog', false)")
    units = rows(small_warehouse, AGREEMENT + " order by 1")
    assert [row[1:3] for row in units] == [(4, 4), (1, 1)]
    ask(small_warehouse, "twenty words of units", comparison="at least")
    assert value(small_warehouse) == units[0][3] == 0.25
    ask(small_warehouse, "three words of units", comparison="at least")
    assert value(small_warehouse) == pytest.approx((units[0][4] + units[1][4]) / 2)
    ask(small_warehouse, "three words of units", model_name="RN101")
    assert value(small_warehouse) == "not measured"
    name_the_model(small_warehouse, "RN50", "yfcc15m")
    ask(small_warehouse, "three words of units")
    assert value(small_warehouse) == "not measured"


# Shares and structure


def test_shares_of_published_files_count_dead_channels_as_below(small_warehouse: Path) -> None:
    write(
        small_warehouse,
        "insert into runs values (7, null, 'published', '4/2', '{}', 'run 7', 'complete', 'cpu', 'float32', '{}', "
        "'2024-04-01', '2024-04-01', 1, 4, null), (8, null, 'published', '4/2', '{}', 'run 8', 'running', 'cpu', "
        "'float32', '{}', '2024-05-01', null, 1, 1, null); "
        "insert into published_shares (run_id, unit_name, shortcut_share, cosine_distance, source_uri) values "
        "(7, '4/2/6/0', 0.91, 0, 'f'), (7, '4/2/6/1', 0.9, 0, 'f'), "
        "(7, '4/2/6/2', null, null, 'f'), (7, '4/2/6/3', 1, 0, 'f'), (7, '4/1/6/0', 1, 0, 'f'), "
        "(8, '4/2/6/1', 1, 0, 'f')",
    )
    ask(small_warehouse, "published shares above 0.9", layer_name="4/2/6")
    assert value(small_warehouse) == 0.5
    ask(small_warehouse, "published dead units", layer_name="4/2/6")
    assert value(small_warehouse) == 1
    ask(small_warehouse, "published share of a unit", unit_name="4/2/6/0")
    assert value(small_warehouse) == pytest.approx(0.91)
    assert rows(small_warehouse, "select model_id, model_name, verdict from claims") == [
        (None, "RN50, as published", "agrees")
    ]


def test_shares_of_a_model_are_those_of_its_newest_run(small_warehouse: Path) -> None:
    write(
        small_warehouse,
        "insert into runs select 10 + range, 1, 'shares', 'features', '{}', 'run ' || 10 + range, 'complete', 'cpu', "
        "'float32', '{}', '2024-04-01', '2024-04-01'::timestamp + to_days(range::integer), 1, 3, null from range(2); "
        "insert into residual_shares values "
        "(10, 2, 'published', 'features', 1, 9, 1, 0.2, null, 0), "
        "(10, 3, 'published', 'features', 1, 9, 1, 0.99, null, 0), "
        "(11, 2, 'published', 'features', 1, 9, 1, 0.95, null, 0), "
        "(11, 2, 'added', 'features', 1, 9, 1, 0.3, null, 0), "
        "(11, 3, 'published', 'examples', 0, null, null, null, null, null)",
    )
    about = {"share_definition": "published", "image_source": "features"}
    ask(small_warehouse, "shares above 0.9", layer_name="4/2/6", **about)
    assert value(small_warehouse) == 1
    ask(small_warehouse, "share of a unit", unit_name="4/2/6/0", **about)
    assert value(small_warehouse) == pytest.approx(0.95)
    ask(small_warehouse, "share of a unit", unit_name="4/2/6/0", share_definition="added", image_source="features")
    assert value(small_warehouse) == pytest.approx(0.3)
    ask(small_warehouse, "dead units", layer_name="4/2/6", **about)
    assert value(small_warehouse) == 0
    write(small_warehouse, "update residual_shares set shortcut_share = null where run_id = 11 and unit_id = 2")
    assert value(small_warehouse) == 1
    ask(small_warehouse, "dead units", layer_name="4/2/6", share_definition="published", image_source="examples")
    assert value(small_warehouse) == "not measured"  # without a picture nothing is known
    ask(small_warehouse, "dead units", layer_name="4/2/6", **about)
    write(small_warehouse, "delete from residual_shares where unit_id = 2")
    assert value(small_warehouse) == "not measured"  # one of two channels: a sample has no count


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        # 3/5/1/0 has Sarle 0.25, 0.375, 0.75 towards successive last convolutions; 3/5/1/1 is dead in between.
        ("jump at the last convolution", 1),
        ("forward sign balance", 1),  # 1, 0.375, 0, 1, 1, 1
        ("backward closer to laplace", 1),  # 0.75 and a dead one
        ("laplace gain backward minus forward", 0.75),  # 0.75 against the median of -0.25, 0, 0, 0.125, 1.5
        ("magnitude mean correspondence", 0.75),
        ("bimodality against depth", None),  # one lower layer has no slope
    ],
)
def test_structure_of_contributions(small_weights: Path, measure: str, expected: float | None) -> None:
    write(small_weights, "update contribution_statistics set contribution_count = 64")
    ask(small_weights, measure)
    assert value(small_weights) == expected


def test_depth_is_the_layers_place_in_the_network(small_weights: Path) -> None:
    # Towards 4/2/5: medians of Sarle 0.5 at place 0, 0.4 at 1, 0.3 at 2, and of the notch 0.6875, 1.6875, 2.6875.
    write(
        small_weights,
        "insert into contribution_statistics select run_id, direction, new.unit_id, other_layer_id, 1, absolute_mean, "
        "positive_mean, negative_mean, l2_norm, near_zero_share, sign_balance, skewness, excess_kurtosis, new.sarle, "
        "laplace_gain, dip, dip_p_value, new.notch, magnitude_mean, magnitude_l2_norm from contribution_statistics "
        "cross join (values (3, 0.4, 1.6875), (4, 0.3, 2.6875)) as new (unit_id, sarle, notch) "
        "where run_id = 5 and direction = 'forward' and contribution_statistics.unit_id = 1 and other_layer_id = 5",
    )
    ask(small_weights, "bimodality against depth", comparison="at most", published=0)
    assert value(small_weights) == pytest.approx(-1)
    assert rows(small_weights, "select verdict from claims") == [("agrees",)]
    ask(small_weights, "notch against depth", comparison="at least", published=0)
    assert value(small_weights) == pytest.approx(1)


# What the values are made of


def test_the_newest_share_of_each_unit_counts(small_warehouse: Path) -> None:
    measure_shares(small_warehouse)
    shares = (
        "select model_id, layer_name, unit_name, shortcut_share::decimal(3, 2)::text, channel_count from newest_shares"
    )
    assert rows(small_warehouse, shares + " order by all") == [
        (1, "4/2/6", "4/2/6/0", "0.20", 2),
        (1, "4/2/6", "4/2/6/1", "0.99", 2),
    ]
    write(
        small_warehouse,
        "insert into runs select 11, * exclude (run_id) replace ('run 11' as settings_sha256, "
        "'2024-05-01'::timestamp as finished_at) from runs where run_id = 10; "
        "insert into residual_shares values (11, 3, 'published', 'features', 1, 9, 1, 0.5, null, 0)",
    )
    assert [row[3] for row in rows(small_warehouse, shares + " order by all")] == ["0.20", "0.50"]
    write(small_warehouse, "update runs set status = 'running' where run_id = 11")
    assert [row[3] for row in rows(small_warehouse, shares + " order by all")] == ["0.20", "0.99"]


def test_a_file_that_was_read_replaces_what_came_with_the_program_layer_by_layer(small_warehouse: Path) -> None:
    write(
        small_warehouse,
        "delete from published_shares; "
        "insert into runs values (7, null, 'published', '4/2', '{}', 'run 7', 'complete', 'cpu', 'float32', '{}', "
        "'2024-04-01', '2024-04-01', 1, 1, null); "
        "insert into published_shares (run_id, unit_name, shortcut_share, source_uri) values "
        "(null, '4/2/6/0', 0.25, 'ours'), (null, '4/1/6/0', 0.5, 'ours'), (7, '4/2/6/1', 0.75, 'file')",
    )
    assert rows(
        small_warehouse, "select unit_name, layer_name, shortcut_share from newest_published_shares order by 1"
    ) == [("4/1/6/0", "4/1/6", 0.5), ("4/2/6/1", "4/2/6", 0.75)]


def test_shares_answer_to_findings_about_shares(small_warehouse: Path) -> None:
    measure_shares(small_warehouse)
    about = {"share_definition": "published", "image_source": "features"}
    ask(small_warehouse, "shares above 0.9", layer_name="4/2/6", **about)
    assert rows(small_warehouse, "from finding_shares") == [("asked", 1, 0.5)]
    ask(small_warehouse, "rank of a unit", unit_name="4/2/6/1", layer_name="4/2/6", stimulus_text="cat")
    assert rows(small_warehouse, "from finding_shares") == []


def test_a_listed_word_ranks_every_unit_of_its_layer(small_warehouse: Path) -> None:
    """Above the baseline 4/2/6/0 rises by 2 on a cat, 4/2/6/1 falls by 1."""
    ask(small_warehouse, "units among the first", "4/2/6/1", stimulus_text="cat", layer_name="4/2/6")
    assert rows(small_warehouse, "select item_rank, item_name, ranked_unit, stimulus_text from listed_items") == [
        (1, "4/2/6/1", "4/2/6/1", "cat")
    ]
    assert rows(small_warehouse, "select model_id, run_id, stimulus_id, layer_name from listed_word_runs") == [
        (1, 2, 2, "4/2/6")
    ]
    assert rows(small_warehouse, "select unit_name, our_rank, ranked_count from listed_word_ranks order by 2") == [
        ("4/2/6/0", 1, 2),
        ("4/2/6/1", 2, 2),
    ]
    assert rows(small_warehouse, "select gates, our_value from finding_rank_values") == [(None, 0)]


def test_two_claims_on_the_words_of_one_unit_are_ranked_apart(small_warehouse: Path) -> None:
    ask(small_warehouse, "words among the first", "cat", unit_name="4/2/6/0")
    ranks = "select word, our_rank, ranked_count from claimed_unit_words where finding_name = 'asked' order by 2"
    expected = [("dog", 1, 3), ("cat", 2, 3), ("damn", 3, 3)]
    assert rows(small_warehouse, ranks) == expected
    write(
        small_warehouse,
        "insert into findings by name select * replace ('again' as finding_name, 2 as finding_index) from findings; "
        "insert into published_rankings values ('again', 1, 'damn', null)",
    )
    assert rows(small_warehouse, ranks) == expected
    assert rows(small_warehouse, "select finding_name, item_name, our_rank from finding_ranks order by 1") == [
        ("again", "damn", 3),
        ("asked", "cat", 2),
    ]


def test_listed_contributors_are_all_lower_units_of_the_newest_run(small_weights: Path) -> None:
    ask(small_weights, "contributors by largest magnitude", "3/5/1/0", unit_name="4/2/5/0", layer_name="3/5/1")
    ranks = "select gates, unit_name, our_rank, ranked_count from listed_contributors order by 3"
    assert rows(small_weights, ranks) == [("linear", "3/5/1/1", 1, 2), ("linear", "3/5/1/0", 2, 2)]


def test_the_widest_contributions_run_counts(small_weights: Path) -> None:
    assert rows(small_weights, "from widest_contribution_runs") == [(1, 5, "linear")]
    write(small_weights, "update runs set row_count = 100 where run_id = 4")
    assert rows(small_weights, "from widest_contribution_runs") == [(1, 4, "linear")]


def test_structure_is_put_together_from_places_depths_and_jumps(small_weights: Path) -> None:
    """Towards 4/2/5: Sarle 0.75 and 0.25, notches 0.125 and 1.25, of 3/5/1. 3/5/1/0 rises by 0.125, then by 0.375."""
    places = (
        "select unit_id, layer_order, other_layer_order, is_last_convolution from placed_contribution_statistics "
        "where direction = 'forward' and other_op_index = 5 order by all"
    )
    assert rows(small_weights, places) == [(unit_id, 0, place, place == 4) for unit_id in (1, 2) for place in (2, 3, 4)]
    assert rows(small_weights, "from contribution_depths") == [(5, 0, 0.5, 0.6875)]
    assert rows(small_weights, "from contribution_jumps") == [(5, 1, True)]
    structure = "select our_value from contribution_structure where measure = 'jump at the last convolution'"
    assert rows(small_weights, structure) == [(1,)]
