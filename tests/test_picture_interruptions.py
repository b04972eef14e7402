"""The job `pictures` when a file changes under it, and when it is killed."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from PIL import Image

import warehouse
from helpers.begun import Begun
from helpers.narrow_model import make_known
from helpers.picture_files import drawn, saved, small_set
from helpers.words_ingest import assert_equal_row_for_row
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import load_model
from ingest.pictures.job import PicturesJob
from ingest.runs.loop import run
from ingest.stimuli.inventory import take_inventory
from ingest.stimuli.picture_sources import items
from warehouse.checking import check
from warehouse.errors import PictureGone
from warehouse.run_choices import drop_run

INGEST = """
import sys
import ingest.pictures.job, ingest.stimuli.inventory
from helpers.narrow_model import make_known
ingest.pictures.job._PICTURES_PER_SHARD = 16
ingest.pictures.job.KEPT_PICTURES = ingest.stimuli.inventory.KEPT_PICTURES = 20
from clip_warehouse import main
model = ["--model", make_known(), "--pretrained", "random"]
chosen = ["--keep", "sketches", "--layers", "4/2/6", "--warehouse", sys.argv[2]]
sys.exit(main(["ingest", "pictures", sys.argv[1], *model, *chosen]))
"""


@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_changes_or_goes_after_the_first_pass_stops_the_run(is_there: bool, tmp_path: Path) -> None:
    """Its content is a part of the run's identity: an error in its row would stay when it is put back."""
    source, path = small_set(tmp_path / "set", 3), tmp_path / "w.duckdb"
    inventory = take_inventory(items(str(source)), tmp_path)
    content = (source / "001.png").read_bytes()
    (source / "001.png").unlink()
    if is_there:
        (source / "001.png").write_bytes(saved(Image.fromarray(drawn(99, 20, 16)), "PNG"))
    model = load_model(make_known(), "random")
    layers = select_layers(model.layers, "4/2/6")
    with closing(PicturesJob(model, inventory, layers, arithmetic("cpu"))) as job:
        with pytest.raises(PictureGone, match="changed" if is_there else "removed"):
            run(job, path)
        assert warehouse.query("from stimuli", warehouse=path).is_empty()
        (source / "001.png").write_bytes(content)
        run(job, path)
    assert warehouse.query("select count(*), count(error_message) from stimuli", warehouse=path).row(0) == (3, 0)


def test_pictures_that_an_earlier_version_took_for_unreadable_are_mended_by_drop(tmp_path: Path) -> None:
    """Its decoders were killed: each picture a row with an error, the run complete, the same command of no use."""
    source, path = small_set(tmp_path / "set", 3), tmp_path / "w.duckdb"
    model = load_model(make_known(), "random")
    layers, inventory = select_layers(model.layers, "4/2/6"), take_inventory(items(str(source)), tmp_path)
    with closing(PicturesJob(model, inventory, layers, arithmetic("cpu"))) as job:
        assert run(job, path).run_id == 1
        spoil(path)
        assert run(job, path).computed == 0
        drop_run(path, 1)
        assert run(job, path).computed == 1
    stimuli = "select error_message, width_px is not null, (select count(*) > 0 from activations) from stimuli"
    assert warehouse.query(stimuli, warehouse=path).rows() == [(None, True, True)] * 3
    assert [found.check_name for found in check(path) if found.failing_count] == []


def spoil(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("update stimuli set error_message = 'the decoder crashed on it', width_px = null")
        for table in ("activations", "activation_sketches", "activation_histograms", "top_examples"):
            connection.execute(f"delete from {table}")


def test_killed_again_and_again_it_ends_equal_to_an_undisturbed_run(tmp_path: Path) -> None:
    source = small_set(tmp_path / "set", 120)
    undisturbed, killed = tmp_path / "undisturbed.duckdb", tmp_path / "killed.duckdb"

    def start(path: Path) -> Begun:
        return Begun(INGEST, str(source), str(path))

    assert start(undisturbed).ended()[0] == 0
    kills = 0
    for shard_count in (1, 3, 6):
        process = start(killed)
        while process.poll() is None and loaded(killed) < shard_count:
            time.sleep(0.05)
        kills += process.poll() is None
        process.kill()
        process.ended()
    assert kills
    assert start(killed).ended()[0] == 0
    assert_equal_row_for_row(undisturbed, killed)


def loaded(path: Path) -> int:
    if not path.exists():
        return 0
    return warehouse.query("select count(*) from shards", warehouse=path).item()
