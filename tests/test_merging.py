"""Two warehouses made one: the same answers as from each, in one transaction, and once."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import warehouse
from clip_warehouse import main
from helpers.words_ingest import assert_equal_row_for_row
from warehouse import merging
from warehouse.checking import check
from warehouse.errors import CannotMerge, SchemaMismatch, UsageError, WarehouseMissing
from warehouse.merging import Merged, merge

# Of these views, what speaks of the file as a whole and not of a model's runs.
OF_THE_FILE = {
    "relation_details": "true",
    "listed_items": "true",
    "newest_published_shares": "true",
    "claims": "model_id is null",
    "finding_shares": "model_id is null",
    "finding_values": "model_id is null",
}


def ignore(count: int) -> None:
    assert count >= 0


def change(path: Path, statements: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statements)
    return path


@pytest.fixture
def here(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """Words and pictures of one model."""
    return Path(shutil.copy(filled_with("small_warehouse", "small_pictures"), tmp_path / "here.duckdb"))


@pytest.fixture
def there(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """Shares of another model, whose ids and names are those of the first, and an unfinished run."""
    path = Path(shutil.copy(filled_with("small_shares"), tmp_path / "there.duckdb"))
    return change(
        path,
        "update models set weights_sha256 = 'others'; update runs set settings_sha256 = 'other ' || run_id; "
        "update stimuli set stimulus_text = 'a cat', source_uri = 'cat.png' where content_sha256 = 'picture 1'",
    )


def named_rows(path: Path) -> dict[str, Counter[str]]:
    """The rows of each view over all runs, without ids, which a merge gives anew."""
    answers = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        names = "select view_name from duckdb_views() where not internal and schema_name = 'all_runs'"
        for (view,) in connection.execute(names).fetchall():
            columns = [column[0] for column in connection.execute(f"from all_runs.{view} limit 0").description or ()]
            kept = ", ".join(column for column in columns if not column.endswith("_id")) or "true"
            rows = f"select {kept} from all_runs.{view} where not ({OF_THE_FILE.get(view, 'false')})"
            answers[view] = Counter(map(repr, connection.execute(rows).fetchall()))
    return answers


def every_row(path: Path) -> dict[str, list[str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where not internal").fetchall()
        return {table: sorted(map(repr, connection.execute(f"from {table}").fetchall())) for (table,) in tables}


def test_every_view_gives_the_rows_of_both(here: Path, there: Path) -> None:
    change(there, "delete from runs where status = 'running'")
    apart = [named_rows(here), named_rows(there)]
    merge(here, there, ignore)
    together = named_rows(here)
    assert len(together) > 40
    differing = {view for view, rows in together.items() if rows != apart[0][view] + apart[1][view]}
    assert differing == set()
    assert sum(bool(apart[1][view]) for view in together) > 15


def test_it_says_what_it_brought_and_what_stays_out(here: Path, there: Path) -> None:
    merged = merge(here, there, ignore)
    rows = every_row(there)
    of_unfinished = 1 + 1 + 1  # run 4, its shard, its one share
    program = ("findings", "published_features", "published_rankings", "published_unit_names", "published_unit_words")
    kept = [table for table in rows if table not in (*program, "warehouse_info")]
    shipped = 6_144  # published shares that every file has
    assert merged == Merged(
        model_count=1,
        stimulus_count=9,
        run_count=6,
        row_count=sum(len(rows[table]) for table in kept) - of_unfinished - shipped - 1,  # picture 1 is known
        known_count=0,
        unfinished_here_count=0,
        unfinished_there_count=1,
    )


def test_all_checks_stay_clean(small_warehouse: Path, filled_with: Callable[..., Path], tmp_path: Path) -> None:
    other = Path(shutil.copy(filled_with("small_weights"), tmp_path / "other.duckdb"))
    change(other, "update models set weights_sha256 = 'b'; update runs set settings_sha256 = 'b ' || run_id")
    for path in (small_warehouse, other):
        assert not [result for result in check(path) if result.failing_count]
    assert merge(small_warehouse, other, ignore).run_count == 4
    assert not [result for result in check(small_warehouse) if result.failing_count]


def test_units_of_a_new_layer_stay_contiguous(here: Path, there: Path) -> None:
    merge(here, there, ignore)
    ids = warehouse.query(
        "select unit_id from units inner join layers using (layer_id) where model_id = 2 and layer_name = '4/0/7' "
        "order by channel_index",
        warehouse=here,
    )["unit_id"]
    assert ids.to_list() == [7, 8, 9]  # after the three units that were here, and those of 4/0/5


def test_ids_stand_for_the_same_things(here: Path, there: Path) -> None:
    merge(here, there, ignore)
    baseline = (
        "select stimulus_text from stimuli inner join runs on stimulus_id = baseline_stimulus_id "
        "where settings_sha256 = 'other 7'"
    )
    assert warehouse.query(baseline, warehouse=here).item() == "eeeeee"
    shared = "select list(stimulus_id) as ids from stimuli where content_sha256 = 'picture 1'"
    assert warehouse.query(shared, warehouse=here).item().to_list() == [6]


def test_a_second_merge_changes_nothing(here: Path, there: Path) -> None:
    change(there, "insert into labels values (13, 1, 'hat', '2024-01-01'); insert into thumbnails values (1, 'png')")
    merge(here, there, ignore)
    before = every_row(here)
    assert merge(here, there, ignore) == Merged(0, 0, 0, 0, 6, 0, 1)
    assert every_row(here) == before
    assert len(before["labels"]) == 7


def test_the_other_warehouse_is_left_as_it_is(here: Path, there: Path) -> None:
    before = there.read_bytes()
    merge(here, there, ignore)
    assert there.read_bytes() == before


def test_what_describes_a_stimulus_comes_along_and_what_is_known_stays(here: Path, there: Path) -> None:
    change(here, "insert into thumbnails values (6, 'ours'); insert into stimulus_keywords values (6, 'cat')")
    change(
        there,
        "insert into thumbnails values (1, 'theirs'), (5, 'new'); "
        "insert into stimulus_keywords values (1, 'cat'), (1, 'pet'); "
        "insert into typographic_stimuli values (5, 1, 'a')",
    )
    merge(here, there, ignore)
    thumbnails = (
        "select source_uri, thumbnail::text from thumbnails inner join stimuli using (stimulus_id) order by all"
    )
    assert warehouse.query(thumbnails, warehouse=here).rows() == [("5.png", "new"), ("cat.png", "ours")]
    keywords = "select stimulus_id, keyword from stimulus_keywords order by all"
    assert warehouse.query(keywords, warehouse=here).rows() == [(6, "cat"), (6, "pet")]
    texts = (
        "select pictures.source_uri, clean_stimulus_id, overlay_text from typographic_stimuli "
        "inner join stimuli as pictures using (stimulus_id)"
    )
    assert warehouse.query(texts, warehouse=here).rows() == [("5.png", 6, "a")]


def test_the_same_model_is_one_model(here: Path, there: Path, tmp_path: Path) -> None:
    """Half of the runs here, half there: together what it was."""
    whole = Path(shutil.copy(here, tmp_path / "whole.duckdb"))
    other = Path(shutil.copy(here, tmp_path / "other.duckdb"))
    for path, runs in ((here, "(5, 6)"), (other, "(1, 2, 3, 4)")):
        for table in ("runs", "shards", "run_stimuli", "activations", "baseline_activations", "activation_sketches"):
            change(path, f"delete from {table} where run_id in {runs}")
        for table in ("activation_histograms", "top_examples"):
            change(path, f"delete from {table} where run_id in {runs}")
    merged = merge(here, other, ignore)
    assert (merged.model_count, merged.stimulus_count, merged.run_count) == (0, 0, 2)
    assert_equal_row_for_row(whole, here)


def test_a_new_file_becomes_a_copy_of_what_is_complete(there: Path, tmp_path: Path) -> None:
    merge(tmp_path / "new.duckdb", there, ignore)
    for table in ("runs", "shards", "residual_shares"):
        change(there, f"delete from {table} where run_id = 4")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{there}' as l (read_only); attach '{tmp_path / 'new.duckdb'}' as r (read_only)")
        counts = "select count(*) from {}.activations", "select count(*) from {}.run_stimuli"
        for count in counts:
            assert connection.execute(count.format("l")).fetchall() == connection.execute(count.format("r")).fetchall()
    assert named_rows(tmp_path / "new.duckdb") == named_rows(there)


def test_a_run_that_is_unfinished_here_stays_for_its_ingest(here: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(here, tmp_path / "other.duckdb"))
    change(here, "update runs set status = 'running', finished_at = null where run_id = 5")
    before = every_row(here)
    merged = merge(here, other, ignore)
    assert (merged.run_count, merged.known_count, merged.unfinished_here_count) == (0, 4, 2)
    assert every_row(here) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from warehouse.merging import merge

left = [int(sys.argv[3])]

def kill(count):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

merge(Path(sys.argv[1]), Path(sys.argv[2]), kill)
"""


@pytest.mark.parametrize("tables", [1, 5, 12, 24])
def test_a_merge_that_is_killed_changes_nothing(here: Path, there: Path, tables: int) -> None:
    before = every_row(here), every_row(there)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(here), str(there), str(tables)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (every_row(here), every_row(there)) == before
    assert merge(here, there, ignore).run_count == 6


def test_ctrl_c_changes_nothing_and_says_so(
    here: Path, there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    before = every_row(here)
    monkeypatch.setattr(merging, "_row_count", interrupted)
    assert main(["merge", str(there), "--warehouse", str(here)]) == 130
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("clip-warehouse: stopped; the file has all of it or nothing")
    assert every_row(here) == before


def test_rows_that_do_not_fit_change_nothing(here: Path, there: Path) -> None:
    change(there, "insert into activations values (7, 4711, 7, 1, 1)")
    before = every_row(here)
    with pytest.raises(CannotMerge, match=r"nothing was changed; clip-warehouse check --warehouse .*there\.duckdb"):
        merge(here, there, ignore)
    assert every_row(here) == before


def test_what_cannot_be_merged_is_refused(here: Path, there: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is the warehouse itself"):
        merge(here, here, ignore)
    with pytest.raises(WarehouseMissing):
        merge(tmp_path / "new.duckdb", tmp_path / "nothing.duckdb", ignore)
    assert not (tmp_path / "new.duckdb").exists()
    change(there, "update warehouse_info set schema_version = schema_version + 1")
    before = every_row(here)
    with pytest.raises(SchemaMismatch, match=r"there\.duckdb was made by a newer version"):
        merge(here, there, ignore)
    assert every_row(here) == before


def test_the_command_merges_and_says_so(here: Path, there: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["merge", str(there), "--warehouse", str(here)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("6 runs, 1 model and 9 stimuli new, ")
    assert out.endswith(f"left out, unfinished in {there}: finish and merge again: 1 run\n")
    assert "rows/s" in err
    assert main(["merge", str(there), "--warehouse", str(here)]) == 0
    assert "nothing to merge" in capsys.readouterr().out
    assert main(["merge", str(here), "--warehouse", str(here)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
