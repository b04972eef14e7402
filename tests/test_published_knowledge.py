"""What is published about real units comes with every file, whether or not it holds the model."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

import warehouse
from warehouse.checking import check
from warehouse.schema import SQL, create_or_update


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("new") / "new.duckdb"
    create_or_update(path)
    return path


def ask(path: Path, sql: str) -> list[tuple]:
    return warehouse.query(sql, warehouse=path).rows()


def test_shares_of_rn50_are_those_that_the_article_tells(new: Path) -> None:
    shares = dict(
        ask(new, "select unit_name, round(shortcut_share, 4) from published_shares where model_name = 'RN50'")
    )
    assert len(shares) == 6_144
    told = {"4/2/6/34": 0.9966, "4/2/6/11": 0.1499, "4/2/6/295": 0.9849, "4/2/6/2": 0.9961}
    assert {unit: shares[unit] for unit in told} == pytest.approx(told, abs=1e-4)
    above = {"4/0/8": 0.145, "4/1/6": 0.822, "4/2/6": 0.8599}
    dead = {"4/0/8": 0, "4/1/6": 36, "4/2/6": 78}
    for layer in above:
        of_layer = [share for unit, share in shares.items() if unit.startswith(f"{layer}/")]
        assert len(of_layer) == 2_048
        assert sum((share or 0) > 0.9 for share in of_layer) / 2_048 == pytest.approx(above[layer], abs=1e-3)
        assert of_layer.count(None) == dead[layer]


def test_words_lie_in_each_models_last_layer(new: Path) -> None:
    found = ask(
        new,
        "select model_name, regexp_extract(unit_name, '(.+)/', 1), count(distinct unit_name), "
        "count(distinct unit_name) filter (where word_rank = 20) from published_unit_words group by all order by all",
    )
    assert found == [("RN101", "4/2/6", 24, 24), ("RN50", "4/2/6", 10, 10), ("RN50x4", "4/5/6", 2_560, 19)]
    rn50 = ask(new, "select unit_name from published_unit_words where model_name = 'RN50' and word = 'melbourne'")
    assert set(rn50) == {("4/2/6/1522",), ("4/2/6/2042",)}


def test_names_and_features_are_of_units_of_the_three_models(new: Path) -> None:
    assert ask(new, "select count(*), count(distinct (model_name, unit_name)) from published_unit_names") == [
        (331, 303)
    ]
    features = ask(
        new, "select model_name, count(distinct feature), count(*) from published_features group by 1 order by 1"
    )
    assert [row[:2] for row in features] == [("RN101", 8), ("RN50", 8), ("RN50x4", 8)]
    assert sum(row[2] for row in features) == 96


def test_the_demos_queries_answer_without_any_model(new: Path) -> None:
    answering = ask(new, (SQL / "examples" / "published_word_units.sql").read_text())
    assert {model for model, *_ in answering} >= {"RN50", "RN50x4"}
    shares = {row[1]: row[3] for row in ask(new, (SQL / "examples" / "published_real_shares.sql").read_text())}
    assert shares["4/2"] == pytest.approx(0.86, abs=1e-3)


def test_a_run_of_another_file_stays_beside_and_what_ships_is_made_anew(new: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(new, tmp_path / "w.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "insert into published_shares values (7, '4/2/6/0', 0.5, 0.5, 'mine.txt', 'RN50'); "
            "delete from published_unit_names; update published_shares set shortcut_share = 0 where run_id is null; "
            "update warehouse_info set sql_sha256 = 'of another version'"
        )
    create_or_update(path)
    assert ask(path, "select shortcut_share, source_uri from published_shares where run_id = 7") == [(0.5, "mine.txt")]
    assert ask(path, "select max(shortcut_share) > 0.99 from published_shares where run_id is null") == [(True,)]
    assert ask(path, "select count(*) from published_unit_names") == [(331,)]


@pytest.mark.parametrize(
    "fault",
    [
        "insert into published_shares from published_shares where unit_name = '4/2/6/0'",
        "update published_shares set shortcut_share = 1.5 where unit_name = '4/2/6/0'",
        "delete from published_unit_words where unit_name = '4/2/6/1522' and word_rank = 1",
        "update published_unit_words set word_rank = 1 where unit_name = '4/2/6/1522'",
    ],
)
def test_the_check_finds_what_cannot_be(fault: str, new: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(new, tmp_path / "w.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute(fault)
    failing = {result.check_name: result.failing_count for result in check(path)}
    assert failing["published_sound"] > 0
