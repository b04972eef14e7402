"""Downloads: https only, limited in size and time, retried with back-off, polite, and kept by address and content.

A cache folder holds `addresses/<SHA-256 of the address>.json`, which names the content's SHA-256, and
`contents/<that>`. Contents are checked against their hash when read; a damaged file is downloaded again.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from warehouse.errors import CannotWrite, DownloadFailed, SiteGone

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TRY_AGAIN = (408, 429, 500, 502, 503, 504)
_MOVED = (301, 302, 303, 307, 308)
_MOST_MOVES = 5
_CHUNK_BYTES = 1 << 16
_HEADERS = {"User-Agent": "clip-circuits-warehouse", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Limits:
    """Limits on the size, time and attempts of a download; `pause_s` is the pause between two requests to one host.

    A host that fails for `given_up_after` addresses in a row is not asked for `longest_wait_s`: otherwise each of a
    million addresses would take a minute to fail.
    """

    size_bytes: int = 32 << 20
    connect_s: float = 10.0
    silence_s: float = 20.0
    total_s: float = 120.0
    attempts: int = 4
    backoff_s: float = 0.5
    longest_wait_s: float = 60.0
    pause_s: float = 0.1
    given_up_after: int = 5


class Downloads:
    """A cache folder, filled politely; one object for many threads and addresses."""

    def __init__(self, cache: Path, limits: Limits | None = None) -> None:
        self.cache, self.limits = cache, limits or Limits()
        self._next_turn: dict[str, float] = defaultdict(float)
        self._failures: dict[str, tuple[int, float]] = {}  # of a host: how many in a row, and when the last was
        self._turns = threading.Lock()
        self._local = threading.local()

    def get(self, url: str) -> bytes:
        """The content of an address, from the cache when it was downloaded before.

        Raises SiteGone when its host does not answer, answers with errors of its own to the last attempt, or is slow;
        DownloadFailed for an address that is refused or too large; CannotWrite for a cache without room.
        """
        content = self._kept(url)
        if content is None:
            content = self._fetched(url)
            self._keep(url, content)
        return content

    def _fetched(self, url: str) -> bytes:
        """From a host that is not given up; the outcome is remembered for its other addresses."""
        host = _host(url)
        count, last_s = self._failures.get(host, (0, 0.0))
        if count >= self.limits.given_up_after and time.monotonic() - last_s < self.limits.longest_wait_s:
            raise SiteGone(url, "its site has stopped answering")
        try:
            content = self._tried(url)
        except SiteGone:
            self._failures[host] = count + 1, time.monotonic()
            raise
        self._failures.pop(host, None)
        return content

    def _tried(self, url: str) -> bytes:
        """Try, wait, try again."""
        for attempt in range(1, self.limits.attempts + 1):
            try:
                return self._attempt(url)
            except _TryAgain as failure:
                wait_s = self._wait_s(attempt, failure.wait_s)
                if attempt == self.limits.attempts or wait_s > self.limits.longest_wait_s:
                    raise failure.error from failure
                time.sleep(wait_s)
        raise ValueError(f"attempts {self.limits.attempts}: take 1 or more")

    def _wait_s(self, attempt: int, asked_s: float) -> float:
        """At least what the host demands; else half a second, doubled each time, with random jitter."""
        return max(asked_s, self.limits.backoff_s * 2.0 ** (attempt - 1) * random.uniform(1, 1.25))

    def _attempt(self, url: str) -> bytes:
        deadline = time.monotonic() + self.limits.total_s
        try:
            with closing(self._answer(url)) as response:
                _require_good(url, response)
                return self._body(url, response, deadline)
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError) as error:
            raise DownloadFailed(url, f"it is not an address ({error})") from error
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _TryAgain(SiteGone(url, _said(error))) from error

    def _answer(self, url: str) -> requests.Response:
        """The response, its body not read yet; each redirect must obey the same rules as the first address."""
        address = url
        for _ in range(_MOST_MOVES + 1):
            _require_allowed(address, moved_from=url)
            self._wait_for_turn(urlsplit(address).netloc)
            response = self._session().get(
                address,
                stream=True,
                allow_redirects=False,
                headers=_HEADERS,
                timeout=(self.limits.connect_s, self.limits.silence_s),
                proxies={"http": "", "https": ""} if _is_loopback(address) else None,
            )
            if response.status_code not in _MOVED or "location" not in response.headers:
                return response
            response.close()
            address = urljoin(address, response.headers["location"])
        raise DownloadFailed(url, f"it moves more than {_MOST_MOVES} times")

    def _body(self, url: str, response: requests.Response, deadline: float) -> bytes:
        limit = self.limits.size_bytes
        content = bytearray()
        if int(_digits(response.headers.get("content-length")) or 0) > limit:
            raise DownloadFailed(url, f"it has {int(response.headers['content-length']):,} bytes, more than {limit:,}")
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            content += chunk
            if len(content) > limit:
                raise DownloadFailed(url, f"it has more than {limit:,} bytes")
            if time.monotonic() > deadline:
                raise SiteGone(url, f"it takes more than {self.limits.total_s:g} s")
        return bytes(content)

    def _wait_for_turn(self, host: str) -> None:
        with self._turns:
            now = time.monotonic()
            turn = max(now, self._next_turn[host])
            self._next_turn[host] = turn + self.limits.pause_s
        time.sleep(turn - now)

    def _session(self) -> requests.Session:
        """One for each thread: a Session is not safe to share."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session

    def _address_file(self, url: str) -> Path:
        return self.cache / "addresses" / f"{hashlib.sha256(url.encode()).hexdigest()}.json"

    def _content_file(self, content_sha256: str) -> Path:
        return self.cache / "contents" / content_sha256

    def _kept(self, url: str) -> bytes | None:
        try:
            content_sha256 = json.loads(self._address_file(url).read_bytes())["content_sha256"]
            content = self._content_file(content_sha256).read_bytes()
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return content if hashlib.sha256(content).hexdigest() == content_sha256 else None

    def _keep(self, url: str, content: bytes) -> None:
        """The content first, then the address: a process killed in between leaves no address without its content."""
        content_sha256 = hashlib.sha256(content).hexdigest()
        known = {"url": url, "content_sha256": content_sha256, "downloaded_at": datetime.now(UTC).isoformat()}
        try:
            _write(self._content_file(content_sha256), content)
            _write(self._address_file(url), json.dumps(known).encode())
        except OSError as error:
            raise CannotWrite(self.cache, error) from error


def download(url: str, cache: Path, limits: Limits | None = None) -> bytes:
    """The content of one address; for many use one `Downloads`, which keeps connections and pauses.

    Raises what Downloads.get raises.
    """
    return Downloads(cache, limits).get(url)


class _TryAgain(Exception):
    """An attempt that failed but may succeed later; `wait_s` is what the host demands."""

    def __init__(self, error: DownloadFailed, wait_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error, self.wait_s = error, wait_s


def _require_allowed(address: str, *, moved_from: str) -> None:
    """https anywhere; http only to this machine itself, and only when it was asked for as such."""
    try:
        scheme, is_loopback = urlsplit(address).scheme, _is_loopback(address)
    except ValueError as error:
        raise DownloadFailed(moved_from, f"it is not an address ({error})") from error
    if is_loopback and not _is_loopback(moved_from):
        raise DownloadFailed(moved_from, f"it moves to this machine itself ({address})")
    if scheme != "https" and not (scheme == "http" and is_loopback):
        where = f"it moves to {address}: " if address != moved_from else ""
        raise DownloadFailed(moved_from, f"{where}only https is downloaded")


def _require_good(url: str, response: requests.Response) -> None:
    status = response.status_code
    if status in _TRY_AGAIN:
        raise _TryAgain(SiteGone(url, f"status {status}"), _retry_after_s(response.headers.get("retry-after")))
    if status != 200:
        raise DownloadFailed(url, f"status {status}")


def _retry_after_s(header: str | None) -> float:
    """Seconds of a Retry-After header, which gives seconds or a date; 0 without one, or for one that is neither."""
    if header is None:
        return 0.0
    if digits := _digits(header):
        return float(digits)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _digits(header: str | None) -> str:
    """A header as a number; None if it is not one, or has more than 18 digits."""
    text = (header or "").strip()
    return text if text.isascii() and text.isdigit() and len(text) <= 18 else ""


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:  # no address, which the attempt will say
        return ""


def _is_loopback(address: str) -> bool:
    return urlsplit(address).hostname in _LOOPBACK


def _said(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, requests.Timeout):
        return "it does not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return f"the answer broke off ({type(error).__name__})"


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(path) as temporary:
        temporary.write_bytes(content)
        temporary.replace(path)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
