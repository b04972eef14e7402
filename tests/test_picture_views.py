"""The views of pictures and labels on the rows of small_pictures.sql, whose answers can be checked by eye.

Unit 4/2/6/0 has 10, 9 ... 1 on pictures 11 to 20; unit 4/2/6/1 has 0 on pictures 11 to 18, 4 on 19 and -4 on 20.
"""

from __future__ import annotations

import struct
from math import sqrt
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse

DEVIATION = sqrt(82.5 / 9)  # of 1 ... 10


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def write(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def test_unit_top_pictures_are_ranked_and_say_where_the_maximum_lies(small_pictures: Path) -> None:
    found = rows(
        small_pictures,
        "select example_rank, stimulus_id, caption, source_uri, activation_mean, activation_max, "
        "round(max_vertical_position * 7, 6), round(max_horizontal_position * 7, 6), is_explicit "
        "from unit_top_pictures where unit_name = '4/2/6/0' order by example_rank limit 2",
    )
    assert found == [
        (1, 11, "cat", "p1.png", 10, 11, 0.5, 6.5, False),
        (2, 12, "two red Cats", "p2.png", 9, 10, 3.5, 3.5, False),
    ]


def test_picture_activations_leave_words_and_other_jobs_out(small_pictures: Path) -> None:
    assert rows(small_pictures, "select distinct run_id from picture_activations") == [(5,)]
    (z_score,) = warehouse.query(
        "select z_score from picture_activations where unit_name = '4/2/6/0' and stimulus_id = 11",
        warehouse=small_pictures,
    )["z_score"]
    assert z_score == pytest.approx(4.5 / DEVIATION)


def test_activation_moments_come_from_the_sketches(small_pictures: Path) -> None:
    found = rows(small_pictures, "select * exclude (run_id) from activation_moments order by unit_id")
    assert found == [
        (2, 10, 5.5, pytest.approx(DEVIATION), 1.0, 1, 10),
        (3, 10, 0.0, pytest.approx(sqrt(32 / 9)), 0.1, -4, 4),
    ]


def test_moments_of_a_single_picture_and_of_a_constant_unit(small_pictures: Path) -> None:
    write(
        small_pictures,
        "update activation_sketches set stimulus_count = 1, activation_sum = 3, activation_square_sum = 9 "
        "where unit_id = 2; update activation_sketches set activation_sum = 0.3, activation_square_sum = 0.009 - 1e-18 "
        "where unit_id = 3",
    )
    assert rows(small_pictures, "select activation_deviation from activation_moments order by unit_id") == [
        (None,),
        (0,),
    ]
    assert rows(small_pictures, "from activation_distribution") == []


def test_activation_distribution_counts_whole_deviations_from_the_average(small_pictures: Path) -> None:
    # Unit 0: 2.5 is -0.99, 3 is -0.83 deviations: 1 and 2 lie below -1, 3 to 5 in -1, 6 to 8 in 0, 9 and 10 above 1.
    found = rows(
        small_pictures,
        "select unit_name, deviation_bucket, picture_count, picture_share from activation_distribution order by 1, 2",
    )
    assert found == [
        ("4/2/6/0", -2, 2, 0.2),
        ("4/2/6/0", -1, 3, 0.3),
        ("4/2/6/0", 0, 3, 0.3),
        ("4/2/6/0", 1, 2, 0.2),
        ("4/2/6/1", -3, 1, 0.1),
        ("4/2/6/1", 0, 8, 0.8),
        ("4/2/6/1", 2, 1, 0.1),
    ]


def test_unit_activation_summary(small_pictures: Path) -> None:
    found = rows(
        small_pictures,
        "select unit_name, picture_count, kept_picture_count, activation_average, laplace_scale, positive_share, "
        "activation_smallest, activation_quantile_01, activation_quantile_10, activation_quantile_25, "
        "activation_median, activation_quantile_75, activation_quantile_90, activation_quantile_99, "
        "activation_largest from unit_activation_summary order by 1",
    )
    first, second = found
    assert first[1:] == pytest.approx((10, 10, 5.5, 2.5, 1, 1, 1.09, 1.9, 3.25, 5.5, 7.75, 9.1, 9.91, 10))
    assert second[1:] == pytest.approx((10, 10, 0, 0.8, 0.1, -4, -3.64, -0.4, 0, 0, 0, 0.4, 3.64, 4))


def test_a_summary_counts_pictures_that_were_not_kept(small_pictures: Path) -> None:
    write(small_pictures, "delete from activations where run_id = 5 and stimulus_id > 15")
    found = rows(
        small_pictures,
        "select picture_count, kept_picture_count, activation_average, activation_median "
        "from unit_activation_summary where unit_name = '4/2/6/0'",
    )
    assert found == [(10, 5, 5.5, 8)]


def test_quantile_pictures_are_five_at_even_distances_from_each_tenth(small_pictures: Path) -> None:
    assert rows(
        small_pictures,
        "select quantile_group, picture_index, stimulus_id from unit_quantile_pictures "
        "where unit_name = '4/2/6/0' order by quantile_group",
    ) == [(group, 1, 21 - group) for group in range(1, 11)]
    write(
        small_pictures,
        "insert into stimuli select 100 + range, 'picture', null, null, 'more ' || range, 9, 9, false, null "
        "from range(100); "
        "insert into activations select 5, 100 + range, 2, 100 + range, 0 from range(100);"
        "delete from activations where run_id = 5 and stimulus_id < 100",
    )
    found = rows(
        small_pictures,
        "select quantile_group, list(stimulus_id order by picture_index) from unit_quantile_pictures "
        "where unit_name = '4/2/6/0' group by 1 order by 1",
    )
    assert [group for group, _ in found] == list(range(1, 11))
    assert found[0][1] == [101, 103, 105, 107, 109]
    assert found[9][1] == [191, 193, 195, 197, 199]


def test_equal_activations_give_the_same_quantile_pictures_in_any_order_of_rows(small_pictures: Path) -> None:
    sql = "select quantile_group, stimulus_id from unit_quantile_pictures where unit_name = '4/2/6/1' order by 1"
    before = rows(small_pictures, sql)
    write(
        small_pictures,
        "create temp table kept as from activations; delete from activations; "
        "insert into activations from kept order by stimulus_id desc",
    )
    assert rows(small_pictures, sql) == before


@pytest.mark.parametrize(
    ("unit", "stimulus", "activation", "z_score", "percentile"),
    [
        ("4/2/6/0", 11, 10, 4.5 / DEVIATION, 0.95),  # a picture: nine below, itself half
        ("4/2/6/0", 20, 1, -4.5 / DEVIATION, 0.05),
        ("4/2/6/1", 12, 0, 0, 0.5),  # one below, eight equal
        ("4/2/6/0", 3, 8, 2.5 / DEVIATION, 0.75),  # the word dog: seven below, one equal
    ],
)
def test_stimulus_level(
    small_pictures: Path, unit: str, stimulus: int, activation: float, z_score: float, percentile: float
) -> None:
    found = rows(
        small_pictures,
        "select activation_mean, z_score, percentile_share from stimulus_level($unit, $stimulus)",
        unit=unit,
        stimulus=stimulus,
    )
    assert found == [(activation, pytest.approx(z_score), pytest.approx(percentile))]


def test_stimulus_level_of_a_top_picture_that_was_not_kept(small_pictures: Path) -> None:
    write(small_pictures, "delete from activations where stimulus_id = 11")
    found = rows(
        small_pictures,
        "select stimulus_text, activation_mean, percentile_share from stimulus_level('4/2/6/0', 11)",
    )
    assert found == [("cat", 10, 1)]


def test_stimulus_level_of_what_was_not_measured_is_empty(small_pictures: Path) -> None:
    assert rows(small_pictures, "from stimulus_level('4/2/6/0', 21)") == []
    assert rows(small_pictures, "from stimulus_level('4/1/5/0', 11)") == []


def test_unit_neighbours_correlate_over_the_pictures_of_the_run(small_pictures: Path) -> None:
    # Four units more: unit 0 doubled, negated, constant, and doubled in another layer.
    write(
        small_pictures,
        "update layers set channel_count = 5 where layer_id = 2; "
        "insert into units values (4, 2, 2, '4/2/6/2', 1, 0), (5, 2, 3, '4/2/6/3', 1, 0), (6, 2, 4, '4/2/6/4', 1, 0), "
        "(7, 1, 1, '4/1/5/1', 1, 0); "
        "insert into activations select run_id, stimulus_id, new.unit_id, "
        "activation_mean * new.factor + new.shift, 99 from activations "
        "cross join (values (4, 2, 1), (5, -1, 0), (6, 0, 3), (7, 2, 0)) as new (unit_id, factor, shift) "
        "where activations.unit_id = 2 and run_id in (5, 6)",
    )
    found = rows(
        small_pictures,
        "select neighbour_rank, unit_name, correlation, picture_count, run_id from unit_neighbours('4/2/6/0') "
        "order by neighbour_rank",
    )
    # With 4/2/6/1: sum of (x - 5.5) * y = (2 - 5.5) * 4 - (1 - 5.5) * 4 = 4.
    assert found == [
        (1, "4/2/6/2", pytest.approx(1), 10, 5),
        (2, "4/2/6/1", pytest.approx(4 / sqrt(82.5 * 32)), 10, 5),
        (3, "4/2/6/3", pytest.approx(-1), 10, 5),
    ]
    assert rows(small_pictures, "select unit_name from unit_neighbours('4/2/6/0', neighbour_count := 1)") == [
        ("4/2/6/2",)
    ]


def test_unit_neighbours_of_a_named_run_are_its_own(small_pictures: Path) -> None:
    """A later run of another picture set, in which the two units go against each other."""
    write(
        small_pictures,
        "insert into runs values (105, 1, 'pictures', '', '{}', 'run 105', 'complete', 'cpu', 'float32', '{}', "
        "'2025-05-01 10:00:00', '2025-05-01 10:00:01', 1, 4, null); "
        "insert into activations values (105, 1, 2, 1, 1), (105, 2, 2, 2, 2), (105, 1, 3, 2, 2), (105, 2, 3, 1, 1)",
    )
    columns = "select unit_name, correlation, picture_count, run_id from"
    newest = [("4/2/6/1", pytest.approx(-1), 2, 105)]
    assert rows(small_pictures, f"{columns} unit_neighbours('4/2/6/0')") == newest
    assert rows(small_pictures, f"{columns} unit_neighbours('4/2/6/0', run := 105)") == newest
    older = rows(small_pictures, f"{columns} unit_neighbours('4/2/6/0', run := 5)")
    assert older == [("4/2/6/1", pytest.approx(4 / sqrt(82.5 * 32)), 10, 5)]


def test_unit_activation_histogram_is_exact_and_bounds_every_activation(small_pictures: Path) -> None:
    found = rows(
        small_pictures,
        "select bucket_start, bucket_end, picture_count, cumulative_share from unit_activation_histogram "
        "where unit_name = '4/2/6/1' order by bucket_index",
    )
    assert found == [(-4.5, -4, 1, 0.1), (-(2**-24), 2**-24, 8, 0.9), (4, 4.5, 1, 1)]
    starts = rows(
        small_pictures,
        "select bucket_start from unit_activation_histogram where unit_name = '4/2/6/0' order by bucket_index",
    )
    assert starts == [(float(start),) for start in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]


@pytest.mark.parametrize("value", [2**-24, 1e-7, 0.3, 0.999, 1.0, 1.124, 1.125, 5.7, 300.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_activation_bucket_bounds_the_value_whose_bits_give_it(small_pictures: Path, value: float, sign: int) -> None:
    (single,) = struct.unpack("f", struct.pack("f", value))
    (bits,) = struct.unpack("i", struct.pack("f", value))
    ((bounds,),) = rows(small_pictures, f"select activation_bucket({sign * ((bits >> 20) - 823)})")
    start, end = bounds["bucket_start"], bounds["bucket_end"]
    assert start <= single < end if sign > 0 else start < -single <= end


def test_multimodal_units_are_those_whose_words_name_their_pictures(small_pictures: Path) -> None:
    # The words of 4/2/6/0 above the baseline: dog 6, cat 2, damn 1. Its pictures: cat, two red Cats, a dog, a hot dog.
    found = rows(
        small_pictures,
        "select unit_name, concept, word_rank, first_picture_rank, picture_count, top_picture_share, caption_share, "
        "round(agreement, 6) from multimodal_units order by all",
    )
    # Two of the ten shown pictures have captions about cats (a catalogue is not one), two about dogs (nor is a dogma).
    assert found == [("4/2/6/0", "cat", 2, 1, 2, 0.1, 0.2, -0.1), ("4/2/6/0", "dog", 1, 3, 2, 0.1, 0.2, -0.1)]


def test_phrases_are_words_and_neighbours_of_captions_and_keywords(small_pictures: Path) -> None:
    write(small_pictures, "insert into stimulus_keywords values (17, 'a dog')")
    assert rows(small_pictures, "select count(*) from captioned_sample") == [(10,)]  # but not the torn one
    phrases = "select phrase from caption_phrases where stimulus_id = $picture order by phrase"
    assert rows(small_pictures, phrases, picture=14) == [("a",), ("a hot",), ("dog",), ("hot",), ("hot dog",)]
    assert rows(small_pictures, phrases, picture=17) == [("a",), ("a dog",), ("dog",)]
    shares = "select caption_share from phrase_shares where concept_words = $words"
    assert rows(small_pictures, shares, words=" dog ") == [(0.3,)]
    assert rows(small_pictures, shares, words=" a dog ") == [(0.2,)]


def test_top_picture_texts_are_captions_and_keywords(small_pictures: Path) -> None:
    write(small_pictures, "insert into stimulus_keywords values (12, 'Pets')")
    texts = "select example_rank, text_words from top_picture_texts where unit_name = '4/2/6/0' order by all"
    assert rows(small_pictures, texts) == [
        (1, " cat "),
        (2, " pet "),
        (2, " two red cat "),
        (3, " a dog "),
        (4, " a hot dog "),
    ]


def test_keywords_name_a_picture_as_its_caption_does_and_count_once(small_pictures: Path) -> None:
    write(
        small_pictures,
        "insert into stimulus_keywords values (11, 'Cats'), (11, 'tabby cat'), (14, 'damn'), (20, 'damn'), "
        "(15, 'not a'), (15, 'dog')",
    )
    found = rows(
        small_pictures,
        "select concept, first_picture_rank, picture_count, caption_share from multimodal_units order by 1",
    )
    assert found == [("cat", 1, 2, 0.2), ("damn", 4, 1, 0.2), ("dog", 3, 2, 0.3)]


def test_a_concept_may_have_two_words(small_pictures: Path) -> None:
    write(small_pictures, "update stimuli set stimulus_text = 'Hot-dogs' where stimulus_id = 3")
    found = rows(small_pictures, "select concept, first_picture_rank, caption_share from multimodal_units order by 1")
    assert found == [("Hot-dogs", 4, 0.1), ("cat", 1, 0.2)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two red Hats!", " two red hat "),
        ("glass, gas; buses", " glass gas buse "),
        ("T-shirt №5 été", " t shirt 5 été "),
        ("", "  "),
    ],
)
def test_plain_words(small_pictures: Path, text: str, words: str) -> None:
    assert rows(small_pictures, "select plain_words($text)", text=text) == [(words,)]


def test_activations_on_takes_the_word_before_the_caption_and_one_row_a_unit(small_pictures: Path) -> None:
    assert rows(small_pictures, "select * exclude (unit_id) from activations_on('cat') order by unit_name") == [
        ("4/1/5/0", "4/1/5", 5, 15, 2, 2),
        ("4/2/6/0", "4/2/6", 4, 14, 2, 2),
        ("4/2/6/1", "4/2/6", 5, 15, 2, 2),
    ]


@pytest.mark.parametrize("name", ["#11", "p1.png"])
def test_activations_on_a_picture_of_two_jobs_come_from_the_newest_run(small_pictures: Path, name: str) -> None:
    found = rows(small_pictures, "select unit_name, activation_mean, run_id from activations_on($name)", name=name)
    assert sorted(found) == [("4/2/6/0", 10, 6), ("4/2/6/1", 0, 6)]


@pytest.mark.parametrize("macro", ["channel_intersection", "channel_difference"])
def test_a_picture_and_a_word_of_several_jobs_give_one_row_a_unit(small_pictures: Path, macro: str) -> None:
    for first, second in (("cat", "p1.png"), ("#11", "cat"), ("cat", "cat")):
        found = rows(
            small_pictures,
            f"select unit_name, count(*) from {macro}($first, $second) group by 1 order by 1",
            first=first,
            second=second,
        )
        assert found[-2:] == [("4/2/6/0", 1), ("4/2/6/1", 1)]


def test_unit_picture_labels_list_what_people_saw(small_pictures: Path) -> None:
    found = rows(
        small_pictures,
        "select unit_name, stimulus_id, caption, label_names, labelled_at::text from unit_picture_labels "
        "order by unit_name, stimulus_id limit 2",
    )
    assert found == [
        ("4/2/6/0", 11, "cat", ["animal", "cat"], "2024-07-01 10:01:00"),
        ("4/2/6/0", 12, "two red Cats", ["cat"], "2024-07-01 10:02:00"),
    ]


def test_label_probabilities_are_shares_of_the_labelled_pictures_of_a_bucket(small_pictures: Path) -> None:
    # Labelled pictures of 4/2/6/0: 11 and 12 lie in bucket 1, 13 and 15 in bucket 0.
    found = rows(
        small_pictures,
        "select label_name, deviation_bucket, picture_count, labelled_picture_count, label_probability "
        "from label_probabilities where unit_name = '4/2/6/0' order by 1, 2",
    )
    assert found == [
        ("animal", 0, 2, 1, 0.5),
        ("animal", 1, 2, 1, 0.5),
        ("cat", 0, 2, 0, 0),
        ("cat", 1, 2, 2, 1),
        ("other", 0, 2, 1, 0.5),
        ("other", 1, 2, 0, 0),
    ]


def test_a_labelled_top_picture_counts_though_it_was_not_kept(small_pictures: Path) -> None:
    before = rows(small_pictures, "from label_probabilities order by all")
    write(small_pictures, "delete from activations where run_id = 5 and stimulus_id in (11, 19)")
    assert rows(small_pictures, "from label_probabilities order by all") == before


def test_a_label_given_twice_counts_once(small_pictures: Path) -> None:
    before = rows(small_pictures, "from label_probabilities order by all")
    write(small_pictures, "insert into labels from labels where stimulus_id = 11")
    assert rows(small_pictures, "from label_probabilities order by all") == before
