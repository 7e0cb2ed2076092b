# SPDX-License-Identifier: MIT
"""Which answers are allowed: a history of every link, as its authors know it, and of what was broken
when. The model knows nothing of how Curt works, only what it promises:

- a change that was acknowledged is seen on its host at once, and on every other within `local_ttl`;
- while a backend is broken others may see it later: that long after its return;
- a change whose answer was lost may have happened, or not;
- nothing redirects at or after its expiry, whatever is broken;
- a link that is never changed and often requested redirects always."""

import dataclasses
import threading
import time

SECOND = 1.0        # the workers' clock has whole seconds
RECOVERY = 6.0      # after its return a backend is in use again, without old entries
REPLAY = 12.0       # what was accepted without the database is in it
LATE = 15.0         # a request whose answer was lost is over, one way or the other


@dataclasses.dataclass
class Version:
    """What a link is from one change to the next."""
    host: int
    begun: float
    url: str = None             # None: deleted
    expires: float = None
    ended: float = None         # when the answer came, or was given up
    acked: bool = False         # the author got the answer
    spooled: bool = False       # accepted while the database was away

    def answers(self, began, ended):
        """The (status, location) pairs that are allowed for a request between the two times."""
        if self.url is None:
            return {(404, None)}
        allowed = set()
        if self.expires is None or began < self.expires:
            allowed.add((302, self.url))
        if self.expires is not None and ended + SECOND >= self.expires:
            allowed.add((410, None))
        return allowed


class History:
    """The versions of one link. One author at a time: hold `lock` from `begin` to `end`."""

    def __init__(self, code):
        self.code = code
        self.lock = threading.Lock()
        self.versions = []


class Faults:
    """What was broken from when to when; `end` is None while it is."""

    def __init__(self):
        self.list = []

    def begin(self, kind):
        fault = [kind, time.time(), None]
        self.list.append(fault)
        return fault

    @staticmethod
    def end(fault):
        fault[2] = time.time()

    def overlap(self, since, until, kinds=("mysql", "memcached")):
        """When the last of those ended that was broken between the two times: None when none was, and
        infinity when one still is."""
        last = None
        for kind, begun, ended in list(self.list):
            if kind in kinds and begun <= until and (ended is None or ended >= since):
                last = max(last or 0, ended if ended is not None else float("inf"))
        return last


class Model:
    def __init__(self, faults, local_ttl):
        self.faults = faults
        self.local_ttl = local_ttl

    def _seen_by(self, version, host):
        """The time from which on this host may not answer with an older version."""
        if version.host == host:
            return version.ended
        deadline = version.ended + self.local_ttl + SECOND
        while (end := self.faults.overlap(version.begun, deadline)) is not None:
            later = end + RECOVERY + self.local_ttl
            if version.spooled:
                later = end + REPLAY + self.local_ttl
            if later <= deadline:
                break
            deadline = later
        return deadline

    def allowed(self, history, host, began, ended):
        """All answers that `host` may give a visitor."""
        versions = list(history.versions)
        answers = set()
        for i, version in enumerate(versions):
            if version.begun > ended:
                break
            grace = 0 if version.acked else LATE
            over = any(later.acked and later.begun >= (version.ended or ended) + grace - 1e-6
                       and self._seen_by(later, host) <= began for later in versions[i + 1:])
            if not over:
                answers |= version.answers(began, ended)
        first = versions[0]
        if first.host != host and began < self._seen_by(first, host):
            answers.add((404, None))        # not yet heard of there
        return answers

    def may_be_unavailable(self, began, ended):
        return self.faults.overlap(began - RECOVERY, ended, ("mysql",)) is not None
