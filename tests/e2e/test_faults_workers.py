# SPDX-License-Identifier: MIT
"""Workers are killed under load."""

import itertools
import os
import random
import signal

from load import Load, follow
from stack.process import wait_until
from stack.web import Apache


def test_workers_are_killed(own_client, own_host, links):
    """A request that was being served gets no answer; all others are answered, and workers are replaced."""
    choice = random.Random(1)
    # mod_fcgid starts one only when a request that waited a second still finds none free.
    refills = not isinstance(own_host.web, Apache)
    clients, kills = 8, 6 if refills else 3
    with Load(follow(own_client, links), clients=clients, least=10) as load:
        for _ in range(kills):
            victim = choice.choice(own_host.web.worker_pids())
            os.kill(victim, signal.SIGKILL)
            load.wait_for(100)
            wait_until(lambda: victim not in own_host.web.worker_pids()
                       and len(own_host.web.worker_pids()) >= (4 if refills else 1), 15,
                       "the new worker")
    good = [shot for shot in load.shots if shot.status == 302]
    assert all(shot.answer.location == shot.asked for shot in good)
    lost = len(load.shots) - len(good)
    assert lost <= kills * clients, load.statuses()
    ends = sorted(shot.ended for shot in good)
    assert max(later - sooner for sooner, later in itertools.pairwise(ends)) < 1


def test_all_workers_are_killed_at_once(own_client, own_host, links):
    for victim in own_host.web.worker_pids():
        os.kill(victim, signal.SIGKILL)

    def serves():
        return own_client.get(links[0]["code"]).status == 302
    wait_until(serves, 10, "an answer")
    assert own_client.create("https://example.com/afterwards")["state"] == "live"
