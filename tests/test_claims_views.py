"""Claims: the findings that are shipped, and what a verdict says, on the rows of small_warehouse.sql."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers.findings import ask, measure_shares, name_the_model, rows, write
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
    text = "".join(file.read_text() for file in (SQL / "views").glob("*.sql"))
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
