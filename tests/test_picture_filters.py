"""A question about one unit's pictures reads few row groups of `activations`, however large the table is."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from test_filters_reach_scan import scans_of

UNITS, PICTURES, WORDS, SHARDS = 1_200, 1_024, 512, 2  # 0.6 million rows a shard: five row groups
ROWS = """
insert into models values (1, 'RN50', 'openai', 'weights', 224, 1, $units);
insert into layers values (1, 1, '4/2/6', 4, 2, 6, 0, 'relu', 'layer4.2', $units, 7, 7, 'image_block_4_2_Add_6_0');
insert into units select range + 1, 1, range, '4/2/6/' || range, 1, 0 from range($units);
insert into stimuli
    select range + 1, 'picture', 'picture of word' || range % 50, 'p' || range, 'p' || range, 9, 9, false, null
    from range($pictures);
insert into stimuli
    select 5001 + range, 'word', 'word' || range, null, 'w' || range, 9, 9, false, null from range($words);
insert into runs values
    (1, 1, 'pictures', '', '{}', 'run 1', 'complete', 'cpu', 'float32', '{}', '2024-01-01', '2024-01-02', 2, 0, null),
    (2, 1, 'words', '', '{}', 'run 2', 'complete', 'cpu', 'float32', '{}', '2024-01-01', '2024-01-02', 1, 0, null);
insert into run_stimuli select 1, range + 1 from range($pictures);
insert into activations
    select 1, stimulus_id + 1, unit_id + 1, hash(unit_id * 5003 + stimulus_id) % 1000, 1000
    from range(2) as shards (shard_index)
    cross join range($units) as units (unit_id)
    cross join range($pictures) as pictures (stimulus_id)
    where stimulus_id // 512 = shard_index
    order by shard_index, unit_id, stimulus_id;
insert into activations
    select 2, stimulus_id + 5001, unit_id + 1, hash(unit_id * 7001 + stimulus_id) % 1000, 1000
    from range($units) as units (unit_id)
    cross join range($words) as words (stimulus_id)
    order by unit_id, stimulus_id;
insert into baseline_activations select 2, range + 1, 0 from range($units);
insert into activation_sketches
    select run_id, unit_id, count(*), sum(activation_mean), sum(activation_mean ** 2), count(*), 0, 1000, 1000
    from activations where run_id = 1 group by run_id, unit_id order by unit_id;
insert into top_examples
    select run_id, unit_id, example_rank, stimulus_id, activation_mean, 1000, 0, 0
    from (
        select *, row_number() over (partition by unit_id order by activation_mean desc, stimulus_id) as example_rank
        from activations where run_id = 1
    ) where example_rank <= 100 order by unit_id, example_rank;
insert into labels select unit_id, stimulus_id, 'cat', '2024-01-01' from top_examples where example_rank <= 2;
"""


@pytest.fixture(scope="module")
def large_warehouse(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(built, tmp_path_factory.mktemp("large_pictures") / "warehouse.duckdb"))
    with duckdb.connect(str(path)) as connection:
        for statement in ROWS.split(";\n"):
            named = {"units": UNITS, "pictures": PICTURES, "words": WORDS}
            wanted = {name: value for name, value in named.items() if f"${name}" in statement}
            if statement.strip():
                connection.execute(statement, wanted)
    return path


@pytest.mark.parametrize(
    ("sql", "row_count"),
    [
        ("from picture_activations where unit_name = '4/2/6/34'", PICTURES),
        ("from unit_quantile_pictures where unit_name = '4/2/6/34'", PICTURES),
        ("from activation_distribution where unit_name = '4/2/6/34'", PICTURES),
        ("from unit_activation_summary where unit_name = '4/2/6/34'", PICTURES),
        ("from stimulus_level('4/2/6/34', 700)", PICTURES),
        ("from multimodal_units where unit_name = '4/2/6/34'", WORDS),
        ("from label_probabilities where unit_name = '4/2/6/34'", PICTURES),
    ],
)
def test_one_unit_reads_at_most_two_row_groups_a_shard(large_warehouse: Path, sql: str, row_count: int) -> None:
    for scan in scans_of(large_warehouse, sql):
        assert scan["intermediate_rows"] <= row_count
        assert scan["row_groups_scanned"] <= 2 * SHARDS


def test_neighbours_read_the_pictures_of_one_layer_once(large_warehouse: Path) -> None:
    found = sorted(scan["intermediate_rows"] for scan in scans_of(large_warehouse, "from unit_neighbours('4/2/6/34')"))
    assert found == [PICTURES, UNITS * PICTURES]
