"""Downloads from a site on this machine that is slow, wrong, gone or sound."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from helpers.playing_site import Answer, playing
from ingest.stimuli import downloads
from ingest.stimuli.downloads import Downloads, Limits, download
from warehouse.errors import CannotWrite, DownloadFailed, SiteGone

QUICK = Limits(size_bytes=1000, connect_s=5, silence_s=5, total_s=5, attempts=3, backoff_s=0.01, pause_s=0)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every wait that was asked for, none of them waited."""
    asked: list[float] = []
    monkeypatch.setattr(downloads.time, "sleep", asked.append)
    return asked


def test_content_is_downloaded_once_and_then_read_from_the_cache(tmp_path: Path) -> None:
    with playing(lambda path, before: Answer(b"picture")) as site:
        for _ in range(2):
            assert download(f"{site.url}/a.png", tmp_path, QUICK) == b"picture"
        assert site.asked == {"/a.png": 1}
    assert download(f"{site.url}/a.png", tmp_path, QUICK) == b"picture"


def test_two_addresses_of_one_content_keep_it_once(tmp_path: Path) -> None:
    with playing(lambda path, before: Answer(b"picture")) as site:
        for name in "ab":
            download(f"{site.url}/{name}", tmp_path, QUICK)
    assert len(list((tmp_path / "addresses").iterdir())) == 2
    assert len(list((tmp_path / "contents").iterdir())) == 1


@pytest.mark.parametrize("folder", ["addresses", "contents"])
def test_a_damaged_cache_is_downloaded_anew(folder: str, tmp_path: Path) -> None:
    with playing(lambda path, before: Answer(b"picture")) as site:
        download(f"{site.url}/a", tmp_path, QUICK)
        (file,) = (tmp_path / folder).iterdir()
        file.write_bytes(b"{}")
        assert download(f"{site.url}/a", tmp_path, QUICK) == b"picture"
        assert site.asked["/a"] == 2
    assert download(f"{site.url}/a", tmp_path, QUICK) == b"picture"


def test_an_address_of_another_kind_is_refused_without_a_word_to_anyone(tmp_path: Path) -> None:
    for url in (
        "http://example.com/a",
        "ftp://example.com/a",
        "file:///etc/passwd",
        "picture.png",
        "https://",
        "http://[",
    ):
        with pytest.raises(DownloadFailed) as caught:
            download(url, tmp_path, Limits(attempts=1, connect_s=0.01))
        assert not isinstance(caught.value, SiteGone)
        assert url in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_redirect_is_followed_under_the_same_rules(tmp_path: Path) -> None:
    def answer(path: str, before: int) -> Answer:
        to = {"/a": "/b", "/round": "/round", "/out": "http://example.com/x", "/file": "file:///etc/passwd"}
        return Answer(status=302, headers={"Location": to[path]}) if path in to else Answer(b"moved")

    with playing(answer) as site:
        assert download(f"{site.url}/a", tmp_path, QUICK) == b"moved"
        for path, said in [("/round", "more than 5 times"), ("/out", "only https"), ("/file", "only https")]:
            with pytest.raises(DownloadFailed, match=said):
                download(site.url + path, tmp_path, QUICK)


def test_no_outside_address_may_redirect_to_this_machine() -> None:
    with pytest.raises(DownloadFailed, match="this machine itself"):
        downloads._require_allowed("https://localhost/x", moved_from="https://example.com/x")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"x" * 1001), "it has 1,001 bytes, more than 1,000"),
        (Answer(gzip.compress(b"x" * 100_000), headers={"Content-Encoding": "gzip"}), "it has more than 1,000 bytes"),
        (Answer(b"gone", status=404), "status 404"),
        (Answer(b"no", status=403), "status 403"),
        (Answer(status=204), "status 204"),
    ],
)
def test_what_is_not_wanted_is_refused_at_once(answer: Answer, said: str, tmp_path: Path, waits: list[float]) -> None:
    with playing(lambda path, before: answer) as site, pytest.raises(DownloadFailed, match=said) as caught:
        download(f"{site.url}/a", tmp_path, QUICK)
    assert not isinstance(caught.value, SiteGone)
    assert site.asked["/a"] == 1
    assert len(str(caught.value).splitlines()) == 1


def test_a_body_that_never_ends_is_stopped_at_the_total_time(tmp_path: Path) -> None:
    slow = Limits(size_bytes=10_000, silence_s=5, total_s=0.1, attempts=3, backoff_s=0.01, pause_s=0)
    with (
        playing(lambda path, before: Answer(b"x" * 10_000, chunk_pause_s=0.02)) as site,
        pytest.raises(DownloadFailed, match="takes more than"),
    ):
        download(f"{site.url}/a", tmp_path, slow)
    assert site.asked["/a"] == 1


def test_a_site_that_stays_silent_does_not_answer(tmp_path: Path) -> None:
    deaf = Limits(silence_s=0.05, attempts=2, backoff_s=0.01, pause_s=0)
    with (
        playing(lambda path, before: Answer(b"xx", chunk_pause_s=30)) as site,
        pytest.raises(SiteGone),
    ):
        download(f"{site.url}/a", tmp_path, deaf)
    assert site.asked["/a"] == 2


@pytest.mark.parametrize(
    "bad", [Answer(status=500), Answer(status=503), Answer(status=429), Answer(b"half", length=100)], ids=str
)
def test_a_failure_that_may_pass_is_tried_again(bad: Answer, tmp_path: Path, waits: list[float]) -> None:
    with playing(lambda path, before: bad if before < 2 else Answer(b"picture")) as site:
        assert download(f"{site.url}/a", tmp_path, QUICK) == b"picture"
    first, second = (wait for wait in waits if wait > 0)
    assert 0.01 <= first <= 0.0125 < 0.02 <= second <= 0.025


def test_an_error_to_the_last_attempt_is_a_site_that_is_gone(tmp_path: Path, waits: list[float]) -> None:
    with playing(lambda path, before: Answer(status=503)) as site, pytest.raises(SiteGone, match="status 503"):
        download(f"{site.url}/a", tmp_path, QUICK)
    assert site.asked["/a"] == 3
    with pytest.raises(SiteGone, match="no connection") as caught:
        download(f"{site.url}/a", tmp_path, QUICK)
    assert "run the same command again" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_the_host_says_how_long_to_wait(tmp_path: Path, waits: list[float]) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    told = iter(["7", date])
    with playing(
        lambda path, before: Answer(status=429, headers={"Retry-After": next(told)}) if before < 2 else Answer(b"x")
    ) as site:
        assert download(f"{site.url}/a", tmp_path, QUICK) == b"x"
    first, second = (wait for wait in waits if wait > 0)
    assert first == 7
    assert 1 < second <= 30


def test_a_host_that_asks_for_an_hour_is_not_waited_for(tmp_path: Path, waits: list[float]) -> None:
    with (
        playing(lambda path, before: Answer(status=503, headers={"Retry-After": "3600"})) as site,
        pytest.raises(SiteGone),
    ):
        download(f"{site.url}/a", tmp_path, QUICK)
    assert site.asked["/a"] == 1
    assert max(waits, default=0) == 0


@pytest.mark.parametrize(("header", "seconds"), [(None, 0), ("soon", 0), ("-3", 0), ("9" * 400, 0), ("12", 12)])
def test_a_retry_header_without_a_meaning_is_ignored(header: str | None, seconds: float) -> None:
    assert downloads._retry_after_s(header) == seconds


def test_requests_to_one_host_keep_their_distance(tmp_path: Path, waits: list[float]) -> None:
    with playing(lambda path, before: Answer(b"x")) as site, playing(lambda path, before: Answer(b"x")) as other:
        polite = Downloads(tmp_path, Limits(pause_s=1000))
        for url in (f"{site.url}/a", f"{site.url}/b", f"{other.url}/a", f"{site.url}/c"):
            polite.get(url)
    assert [round(wait, -2) for wait in waits] == [0, 1000, 0, 2000]


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with playing(lambda path, before: Answer(b"x")) as site, pytest.raises(CannotWrite, match="file"):
        download(f"{site.url}/a", tmp_path / "file", QUICK)


def test_an_address_is_kept_with_what_it_gave(tmp_path: Path) -> None:
    with playing(lambda path, before: Answer(b"x")) as site:
        download(f"{site.url}/a", tmp_path, QUICK)
    (file,) = (tmp_path / "addresses").iterdir()
    assert json.loads(file.read_bytes())["url"] == f"{site.url}/a"


def test_a_host_that_fails_again_and_again_is_left_alone_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(downloads.time, "monotonic", lambda: now[0])
    asking = Downloads(tmp_path, Limits(attempts=1, pause_s=0, given_up_after=2, longest_wait_s=60))
    with playing(lambda path, before: Answer(status=503)) as gone, playing(lambda path, before: Answer(b"x")) as well:
        for name, said in [("a", "503"), ("b", "503"), ("c", "has stopped answering")]:
            with pytest.raises(SiteGone, match=said):
                asking.get(f"{gone.url}/{name}")
        assert gone.asked == {"/a": 1, "/b": 1}
        assert asking.get(f"{well.url}/a") == b"x"
        now[0] = 61
        with pytest.raises(SiteGone, match="503"):
            asking.get(f"{gone.url}/c")


def test_one_answer_makes_a_host_good_again(tmp_path: Path) -> None:
    asking = Downloads(tmp_path, Limits(attempts=1, pause_s=0, given_up_after=2))
    with playing(lambda path, before: Answer(status=503 if "bad" in path else 200)) as site:
        for name in ("bad1", "good1", "bad2", "good2", "bad3"):
            if "good" in name:
                asking.get(f"{site.url}/{name}")
            else:
                with pytest.raises(SiteGone, match="503"):
                    asking.get(f"{site.url}/{name}")
