"""Every view of names on the rows of small_names.sql, whose answers can be checked by eye."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from clip_warehouse import main
from warehouse.checking import check

near = pytest.approx


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


@pytest.mark.parametrize("view", ["unit_names", "unit_name_agreement", "layer_name_agreement"])
def test_the_newest_complete_run_is_shown(small_names: Path, view: str) -> None:
    assert rows(small_names, f"select distinct run_id from {view}") == [(7,)]
    assert rows(small_names, f"select distinct run_id from all_runs.{view} order by 1") == [(7,), (8,)]


def test_a_unit_has_its_name_and_the_runner_up_with_their_trust(small_names: Path) -> None:
    found = rows(
        small_names,
        "select unit_name, layer_name, name, name_rank, name_score, held_out_correlation, random_name, "
        "random_correlation from unit_names order by unit_name, name_rank",
    )
    assert found == [
        ("4/1/5/0", "4/1/5", "cow", 1, 0, None, "dog", None),
        ("4/1/5/0", "4/1/5", "cat", 2, 0, None, "dog", None),
        ("4/2/6/0", "4/2/6", "cat", 1, 2, near(0.9), "cow", near(0.1)),
        ("4/2/6/0", "4/2/6", "dog", 2, 1, near(-0.9), "cow", near(0.1)),
        ("4/2/6/1", "4/2/6", "dog", 1, 3, near(0.5), "cat", near(-0.5)),
        ("4/2/6/1", "4/2/6", "cow", 2, 2, near(0.4), "cat", near(-0.5)),
    ]


def test_a_name_agrees_with_captions_and_keywords_of_held_out_pictures(small_names: Path) -> None:
    found = rows(
        small_names,
        "select unit_name, name, name_share, random_name, random_name_share from unit_name_agreement order by 1",
    )
    assert found == [
        ("4/1/5/0", "cow", 1, "dog", 1),  # its top held-out picture is the cow with the keyword dog
        ("4/2/6/0", "cat", 1, "cow", 0),
        ("4/2/6/1", "dog", 1, "cat", 0),
    ]


def test_a_silent_unit_agrees_with_nothing(small_names: Path) -> None:
    found = rows(
        small_names,
        "select layer_name, unit_count, varying_unit_count, held_out_correlation_median, random_correlation_median, "
        "agreeing_unit_share, random_agreeing_unit_share from layer_name_agreement order by layer_name",
    )
    assert found == [("4/1/5", 1, 0, None, None, 0, 0), ("4/2/6", 2, 2, near(0.7), near(-0.2), 1, 0)]


def test_sound_runs_pass_the_checks(small_names: Path) -> None:
    failing = {result.check_name for result in check(small_names) if result.failing_count}
    assert not failing & {"names_complete", "names_sound", "runs_counted"}


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ("delete from name_ranks where unit_id = 2 and name_rank = 2", "names_complete"),
        ("delete from name_examples where unit_id = 3 and is_held_out", "names_complete"),
        ("insert into name_pictures values (7, 21, false, [1, 0])", "names_complete"),
        ("update name_ranks set name_score = 9 where name_rank = 2", "names_sound"),
        ("update name_ranks set held_out_correlation = 1.5 where unit_id = 2", "names_sound"),
        ("update name_units set random_concept_index = 0 where unit_id = 2", "names_sound"),
        ("update name_concepts set embedding = [2, 0] where concept = 'cat'", "names_sound"),
    ],
)
def test_a_check_finds_what_is_wrong(small_names: Path, change: str, failing: str) -> None:
    with duckdb.connect(str(small_names)) as connection:
        connection.execute(change)
    assert failing in {result.check_name for result in check(small_names) if result.failing_count}


def found(path: Path, text: str, **given: Any) -> list[tuple[Any, ...]]:
    """unit_name and reasons of the file's model, the best first."""
    asked = "asked_layer := $layer, asked_embedding := $embedding, asked_runs := $runs"
    return rows(
        path,
        f"select unit_name, reasons from find_units($text, {asked}) where model_id = 1 order by result_rank",
        **{"text": text, "layer": None, "embedding": None, "runs": None, **given},
    )


def test_a_text_finds_units_by_their_name_their_pictures_and_their_words(small_names: Path) -> None:
    """cat less the empty text is (0.2, -0.6): 4/2/6/0 has 0.2, the others less than nothing."""
    assert found(small_names, " Cats ") == [("4/2/6/0", ["named cat (r 0.90)"])], "a plural, but no concept's text"
    reasons = ["its pictures mean it (+0.20)", "named cat (r 0.90)", "no. 2 of the words that drive it"]
    assert found(small_names, "cat")[0] == ("4/2/6/0", reasons)
    assert found(small_names, "cat", layer="4/1/5") == [("4/1/5/0", ["no. 1 of the words that drive it"])]


def test_runners_up_are_found_after_names_unless_they_fit_nothing(small_names: Path) -> None:
    """dog less the empty text is (-0.8, 0.4): the means (0.3, 0.9) have 0.12 of it, over their length 0.949."""
    dogs = found(small_names, "dog", layer="4/2/6")
    assert dogs[0][0] == "4/2/6/1"
    assert {"named dog (r 0.50)", "its pictures mean it (+0.13)"} <= set(dogs[0][1])
    assert "name no. 2 cow (r 0.40)" in dict(found(small_names, "cow"))["4/2/6/1"]
    assert not any("r -0.90" in reason for _, reasons in dogs for reason in reasons)


def scores(path: Path, text: str) -> dict[str, float]:
    return dict(rows(path, "select unit_name, score from find_units($text) where model_id = 1", text=text))


@pytest.mark.parametrize(
    ("held_out", "by_chance", "share"),
    [
        (0.9, 0.1, 1),
        (0.5, 0, 1),
        (0.35, 0.1, 0.5),
        (0.25, -0.5, 0.5),
        (0.05, 0, 0.1),
        (0.05, 0.1, None),
        (0.9, 0.95, None),
        (-0.1, -0.5, None),
    ],
)
def test_a_name_counts_as_far_as_it_is_better_than_a_random_concept(
    small_names: Path, held_out: float, by_chance: float, share: float | None
) -> None:
    """Nothing else speaks for cats, of which unit 2 has the name; in full it counts 1 / (5 + 1)."""
    with duckdb.connect(str(small_names)) as connection:
        connection.execute(
            f"update name_ranks set held_out_correlation = {held_out} where unit_id = 2 and name_rank = 1; "
            f"update name_units set random_correlation = {by_chance} where unit_id = 2"
        )
    assert scores(small_names, "Cats") == ({} if share is None else {"4/2/6/0": near(share / 6)})


def test_a_weak_name_stands_behind_what_pictures_and_words_say(small_names: Path) -> None:
    """4/1/5/0 is driven by the word; with a weak name, and nothing else, 4/2/6/1 comes after it."""
    with duckdb.connect(str(small_names)) as connection:
        connection.execute(
            "update name_ranks set concept_index = 0, held_out_correlation = 0.05 where unit_id = 3 and name_rank = 1; "
            "update name_units set random_concept_index = 1, random_correlation = 0 where unit_id = 3"
        )
    assert [unit for unit, _ in found(small_names, "cat")] == ["4/2/6/0", "4/1/5/0", "4/2/6/1"]


def test_an_embedding_that_is_given_finds_what_no_concept_says(small_names: Path) -> None:
    assert found(small_names, "farm") == []
    near_dog = found(small_names, "farm", embedding=[0.0, 1.0])
    assert near_dog == [("4/2/6/1", ["its pictures mean it (+0.13)"])]


def test_an_address_finds_its_unit_first_and_a_layer_its_units(small_names: Path) -> None:
    assert found(small_names, "4/2/6/1") == [("4/2/6/1", ["its address"])]
    assert [unit for unit, _ in found(small_names, "4/2/6")] == ["4/2/6/0", "4/2/6/1"]


def test_a_named_run_answers_alone(small_names: Path) -> None:
    assert found(small_names, "pig") == []
    assert found(small_names, "pig", runs=[8]) == [("4/1/5/0", ["its pictures mean it (+0.20)", "named pig (r 0.10)"])]


def test_what_is_published_answers_without_any_model(empty_warehouse: Path) -> None:
    asked = "select model_name, unit_name, reasons from find_units('{}') order by all"
    words = rows(empty_warehouse, asked.format("minnesota"))
    assert ("RN101", "4/2/6/86", ["published as no. 1 of the words that drive it"]) in words
    names = rows(empty_warehouse, asked.format("meditation"))
    assert any(unit == "4/5/6/14" and "published as Meditation" in reasons for _, unit, reasons in names)


def test_names_stand_behind_the_addresses_of_a_query(small_names: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["query", "select unit_name, 1 as one from units order by unit_name desc", "--warehouse", str(small_names)]
    assert main([*asked, "--names", "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "unit_name,name,trust,one"
    assert lines[1].startswith("4/2/6/1,dog,0.5,1") and lines[3] == "4/1/5/0,,,1", "a silent unit has no name"
    assert main([*asked, "--names"]) == 0
    assert "cat" in capsys.readouterr().out


def test_names_of_one_model_are_not_given_to_another(small_names: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with duckdb.connect(str(small_names)) as connection:
        connection.execute("insert into models values (2, 'RN101', 'openai', 'other weights', 224, 2, 3)")
    asked = ["query", "select 'RN101' as model_name, unit_name from units", "--warehouse", str(small_names), "--names"]
    assert main(asked) == 0
    assert "cat" not in capsys.readouterr().out
    assert main(["query", "select unit_name from units", *asked[2:]]) == 2
    assert "select model_id too" in capsys.readouterr().err
    assert main(["query", "select 1 as one", *asked[2:]]) == 2
    assert "no column holds addresses" in capsys.readouterr().err


def test_what_is_published_of_a_model_that_the_file_lacks_has_no_names_of_ours(
    small_names: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "select 'RN101' as model_name, unit_name from units where unit_name = '4/2/6/0'"
    assert main(["query", asked, "--warehouse", str(small_names), "--names", "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "RN101,4/2/6/0,,"


def test_find_tells_units_with_their_reasons(small_names: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["find", "cat", "--top", "1", "--warehouse", str(small_names)]) == 0
    out = capsys.readouterr().out
    assert "4/2/6/0" in out and "named cat (r 0.90)" in out and "4/1/5/0" not in out
    assert main(["find", "zzz", "--warehouse", str(small_names)]) == 0
    told = capsys.readouterr()
    assert "nothing speaks for 'zzz'" in told.out
    assert "not searched by meaning" in told.err, "the weights of this model are nowhere to be had"
    assert main(["find", " ", "--warehouse", str(small_names)]) == 2


def test_a_case_study_says_what_the_unit_is_called(small_names: Path) -> None:
    asked = "select fact_rank, fact_text, fact_value from unit_facts('4/2/6/0') where fact = 'called' order by 1"
    assert rows(small_names, asked) == [(1, "cat", near(0.9)), (2, "dog", near(-0.9))]
