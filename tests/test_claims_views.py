"""The views that hold ours against the article, on findings about small_warehouse.sql and small_weights.sql."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from warehouse.schema import SQL, create_or_update

LISTED = {
    "units among the first",
    "words among the first",
    "words that a unit answers to",
    "contributors by largest mean",
    "contributors by smallest mean",
    "contributors by largest magnitude",
}


ON_FEATURES = {"share_definition": "published", "image_source": "features"}


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def write(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def ask(
    path: Path, measure: str, *items: str, comparison: str = "about", published: float = 1, **about: str | bool
) -> None:
    """Make one finding, called `asked`, the only one; of RN50 unless model_name says otherwise."""
    row = {"measure": measure, "comparison": comparison, "published_value": published, **about}
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from findings; delete from published_rankings")
        connection.execute(
            "insert into findings (finding_index, finding_name, claim, tolerance, tolerance_reason, source, "
            f"fill_command, example_name, {', '.join(row)}) select 1, 'asked', 'It is so.', 0.25, 'Because.', 'here', "
            f"'clip-warehouse ingest words', 'claims', {', '.join(f'${name}' for name in row)}",
            row,
        )
        for place, item in enumerate(items, start=1):
            connection.execute(
                "insert into published_rankings values ('asked', $place, $item, null)", {"place": place, "item": item}
            )


def value(path: Path) -> Any:
    found = rows(path, "select our_value from finding_values where finding_name = 'asked'")
    assert len(found) <= 1
    return found[0][0] if found else "not measured"


# The rows that are shipped


def test_every_finding_names_an_example_and_has_the_list_that_it_needs(empty_warehouse: Path) -> None:
    found = rows(empty_warehouse, "select finding_name, measure, example_name, comparison, tolerance from findings")
    assert len(found) > 60
    examples = {file.stem for file in (SQL / "examples").glob("*.sql")}
    assert {example for _, _, example, _, _ in found} <= examples
    assert {comparison for *_, comparison, _ in found} <= {"about", "at least", "at most"}
    assert min(tolerance for *_, tolerance in found) >= 0
    listed = rows(
        empty_warehouse,
        "select finding_name, count(*) = max(item_rank) and count(*) = count(distinct item_name) "
        "and count(*) = count(distinct item_rank) from published_rankings group by 1 order by 1",
    )
    assert listed == sorted((name, True) for name, measure, *_ in found if measure in LISTED)


def test_every_measure_is_one_that_finding_values_knows(empty_warehouse: Path) -> None:
    text = (SQL / "views" / "finding_values.sql").read_text() + (SQL / "views" / "finding_ranks.sql").read_text()
    measures = {measure for (measure,) in rows(empty_warehouse, "select distinct measure from findings")}
    assert {measure for measure in measures if f"'{measure}'" not in text} <= {"contributors by largest mean"}


def test_what_names_single_units_is_asked_of_its_own_model_alone(empty_warehouse: Path) -> None:
    comparable = rows(
        empty_warehouse,
        "select finding_name from findings where is_comparable and (unit_name is not null or stimulus_text is not null "
        "or starts_with(measure, 'published') or finding_name in (select finding_name from published_rankings) "
        "or model_name <> 'RN50')",
    )
    assert comparable == []
    assert rows(empty_warehouse, "select count(*) from findings where is_comparable") == [(15,)]


def test_a_claim_in_words_says_its_numbers(empty_warehouse: Path) -> None:
    found = rows(
        empty_warehouse,
        "select findings.claim, list(item_name order by item_rank) from findings inner join published_rankings "
        "on findings.finding_name = published_rankings.finding_name "
        "where measure = 'units among the first' group by 1",
    )
    for claim, units in found:
        assert re.findall(r"\d+(?=[,.])", claim.split("channels")[1]) == [unit.split("/")[-1] for unit in units]


def test_findings_are_replaced_with_the_views(small_warehouse: Path) -> None:
    before = rows(small_warehouse, "from findings order by finding_index")
    ask(small_warehouse, "dead units")
    write(small_warehouse, "update warehouse_info set sql_sha256 = 'older'")
    create_or_update(small_warehouse)
    assert rows(small_warehouse, "from findings order by finding_index") == before


# Ranks


@pytest.mark.parametrize(
    ("word", "items", "ranks", "expected"),
    [
        ("cat", ["4/2/6/0"], [1], 1),  # 2 and -1 above the baseline
        ("cat", ["4/2/6/1"], [2], 0),
        ("damn", ["4/2/6/1", "4/2/6/0"], [1, 2], 1),
        ("zebra", ["4/2/6/0"], [], "not measured"),
        ("incomprehensibilities", ["4/2/6/0"], [], "not measured"),  # was too wide
        ("cat", ["4/2/6/0", "4/2/6/7"], [1], "not measured"),  # one of them is no unit
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


def measure_shares(path: Path) -> None:
    """A shares run on features of both units of 4/2/6: 0.2 and 0.99."""
    write(
        path,
        "insert into runs values (10, 1, 'shares', 'features', '{}', 'run 10', 'complete', 'cpu', 'float32', '{}', "
        "'2024-04-01', '2024-04-01', 1, 2, null); insert into residual_shares values "
        "(10, 2, 'published', 'features', 1, 9, 1, 0.2, null, 0), "
        "(10, 3, 'published', 'features', 1, 9, 1, 0.99, null, 0)",
    )


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


# Verdicts


@pytest.mark.parametrize(
    ("comparison", "published", "verdict"),
    [
        ("about", 2.25, "agrees"),
        ("about", 1.75, "agrees"),
        ("about", 2.26, "differs"),
        ("about", 1.74, "differs"),
        ("at least", 2.25, "agrees"),
        ("at least", 2.26, "differs"),
        ("at least", -9, "agrees"),
        ("at most", 1.75, "agrees"),
        ("at most", 1.74, "differs"),
        ("at most", 9, "agrees"),
    ],
)
def test_a_verdict_weighs_the_tolerance(small_warehouse: Path, comparison: str, published: float, verdict: str) -> None:
    ask(
        small_warehouse,
        "rank of a unit",  # 2
        comparison=comparison,
        published=published,
        unit_name="4/2/6/1",
        layer_name="4/2/6",
        stimulus_text="cat",
    )
    found = rows(small_warehouse, "select model_name, published_value, our_value, verdict, reason from claims")
    assert found == [("RN50-quickgelu", published, 2, verdict, "Because.")]


OTHERS = [
    ("RN50-quickgelu", "random-3", "--model RN50-quickgelu --pretrained random --seed 3"),
    ("RN50-quickgelu", "/home/me/epoch_3.pt", "--model RN50-quickgelu --pretrained /home/me/epoch_3.pt"),
    ("RN50-quickgelu", "yfcc15m", "--model RN50-quickgelu --pretrained yfcc15m"),
    ("emoji-rn50", "bundled", "--model emoji-rn50"),
]
OPENAIS = [
    ("RN50-quickgelu", "openai"),
    ("RN50", "openai"),
    ("RN50", "/home/me/.cache/clip/RN50.pt"),
    ("RN50-quickgelu", "/models/resnet50_clip.openai/open_clip_model.safetensors"),
]


def name_the_model(path: Path, name: str, tag: str) -> None:
    write(path, f"update models set model_name = '{name}', pretrained_tag = '{tag}'")


@pytest.mark.parametrize(("name", "tag"), OPENAIS)
def test_what_is_not_measured_says_the_command(small_warehouse: Path, name: str, tag: str) -> None:
    ask(small_warehouse, "rank of a unit", unit_name="4/2/6/1", layer_name="4/2/6", stimulus_text="zebra")
    name_the_model(small_warehouse, name, tag)
    assert rows(small_warehouse, "select published_name from published_models") == [("RN50",)]
    said = f"not measured yet: clip-warehouse ingest words --model {name} --pretrained {tag}"
    assert rows(small_warehouse, "select our_value, verdict, reason from claims") == [
        (None, "cannot be tested yet", said)
    ]


@pytest.mark.parametrize(("name", "tag", "options"), OTHERS)
def test_another_model_compares_and_neither_agrees_nor_differs(
    small_warehouse: Path, name: str, tag: str, options: str
) -> None:
    ask(small_warehouse, "dead units", layer_name="4/2/6", is_comparable=True, **ON_FEATURES)
    name_the_model(small_warehouse, name, tag)
    other = "select model_name, our_value, verdict, reason from claims where model_id is not null"
    assert rows(small_warehouse, other) == [
        (name, None, "cannot be tested yet", f"not measured yet: clip-warehouse ingest words {options}")
    ]
    measure_shares(small_warehouse)
    said = f"{name} ({tag}) is not OpenAI's RN50, of which this is said: it compares"
    for published in (0, 1, 2):
        write(small_warehouse, f"update findings set published_value = {published}")
        assert rows(small_warehouse, other) == [(name, 0, "compares", said)]
    needed = "not measured: needs OpenAI's weights: clip-warehouse reproduce --model RN50-quickgelu"
    assert rows(small_warehouse, "select model_name, verdict, reason from claims where model_id is null") == [
        ("RN50", "cannot be tested yet", needed)
    ]


@pytest.mark.parametrize(("name", "tag", "options"), OTHERS)
def test_another_model_is_not_asked_about_single_units(
    small_warehouse: Path, name: str, tag: str, options: str
) -> None:
    ask(small_warehouse, "rank of a unit", unit_name="4/2/6/1", layer_name="4/2/6", stimulus_text="cat")
    name_the_model(small_warehouse, name, tag)
    assert rows(small_warehouse, "select model_id, model_name, our_value, verdict from claims") == [
        (None, "RN50", None, "cannot be tested yet")
    ]


def test_a_network_with_another_last_layer_is_not_asked_about_rn50s_layers(small_warehouse: Path) -> None:
    ask(small_warehouse, "dead units", layer_name="4/1/5", is_comparable=True, **ON_FEATURES)
    name_the_model(small_warehouse, "RN50x4", "openai")
    asked = "select model_name from claims order by 1"
    assert rows(small_warehouse, asked) == [("RN50",), ("RN50x4",)]
    write(small_warehouse, "update layers set layer_name = '4/5/6' where layer_name = '4/2/6'")
    assert rows(small_warehouse, asked) == [("RN50",)]
    write(small_warehouse, "update findings set layer_name = null")
    assert rows(small_warehouse, asked) == [("RN50",), ("RN50x4",)]


def test_a_unit_that_the_model_lacks_is_named(small_warehouse: Path) -> None:
    ask(small_warehouse, "units among the first", "4/2/6/0", "4/2/6/7", stimulus_text="cat", layer_name="4/2/6")
    assert rows(small_warehouse, "select verdict, reason from claims") == [
        ("cannot be tested yet", "RN50-quickgelu has no 4/2/6/7")
    ]
    ask(small_warehouse, "dead units", layer_name="4/9/6")
    assert rows(small_warehouse, "select reason from claims") == [("RN50-quickgelu has no 4/9/6",)]


def test_each_model_has_a_row_with_its_own_value(small_warehouse: Path) -> None:
    about = {"unit_name": "4/2/6/1", "layer_name": "4/2/6", "stimulus_text": "cat", "is_comparable": True}
    ask(small_warehouse, "rank of a unit", **about)
    write(
        small_warehouse,
        "insert into models values (2, 'RN50', 'random-0', 'other', 224, 1, 2); "
        "insert into layers select 12, 2, * exclude (layer_id, model_id) from layers where layer_id = 2; "
        "insert into units values (12, 12, 0, '4/2/6/0', 1, 0), (13, 12, 1, '4/2/6/1', 1, 0); "
        "insert into runs select 9, 2, * exclude (run_id, model_id) replace ('run 9' as settings_sha256, "
        "'2024-09-01'::timestamp as finished_at) from runs where run_id = 2; insert into run_stimuli values (9, 2); "
        "insert into activations values (9, 2, 12, 1, 2), (9, 2, 13, 5, 6); "
        "insert into baseline_activations values (9, 12, 0), (9, 13, 0)",
    )
    found = rows(small_warehouse, "select model_name, pretrained_tag, our_value, verdict from claims order by model_id")
    assert found == [("RN50-quickgelu", "openai", 2, "differs"), ("RN50", "random-0", 1, "compares")]


def test_without_a_model_every_claim_waits_but_those_on_files(empty_warehouse: Path) -> None:
    counts = rows(empty_warehouse, "select (select count(*) from claims), (select count(*) from findings)")
    assert counts[0][0] == counts[0][1]
    found = rows(empty_warehouse, "select distinct starts_with(measure, 'published'), verdict from claims order by 1")
    assert found == [(False, "cannot be tested yet"), (True, "agrees")]
    needs = rows(
        empty_warehouse, "select distinct claimed_of, reason from claims where verdict <> 'agrees' order by claimed_of"
    )
    assert needs == [
        (name, f"not measured: needs OpenAI's weights: clip-warehouse reproduce --model {name}-quickgelu")
        for name in ("RN101", "RN50", "RN50x4")
    ]


def test_claims_say_which_unit_word_and_bottleneck_they_are_about(small_warehouse: Path) -> None:
    about = {"unit_name": "4/2/6/1", "layer_name": "4/2/6", "stimulus_text": "hat"}
    about |= {"share_definition": "added", "image_source": "examples"}
    ask(small_warehouse, "rank of a unit", **about)
    assert rows(small_warehouse, f"select {', '.join(about)} from claims") == [tuple(about.values())]
