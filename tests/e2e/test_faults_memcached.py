# SPDX-License-Identifier: MIT
"""memcached is killed, or stopped, under load. No request fails."""

import signal

from load import Load, follow
from stack.process import wait_until


def test_memcached_is_killed_and_comes_back(own_stack, own_client, links):
    with Load(follow(own_client, links), least=5) as load:
        own_stack.memcached.kill()
        load.wait_for(200)
        assert own_client.create("https://example.com/meanwhile")["state"] == "live"
        own_stack.memcached.start()
        load.wait_for(200)
        # The maintenance notices within a second; then it is used again.
        wait_until(lambda: own_stack.memcached.hits() > 0, 10, "hits in memcached")
    assert load.statuses() == {302: len(load.shots)}
    assert all(shot.answer.location == shot.asked for shot in load.shots)


def test_memcached_is_stopped(own_stack, own_client, links):
    """Slow is worse than dead: it costs each worker a time-out now and then, and no answer."""
    process = own_stack.memcached.process
    with Load(follow(own_client, links), least=5) as load:
        process.child.send_signal(signal.SIGSTOP)
        try:
            load.wait_for(300)
        finally:
            process.child.send_signal(signal.SIGCONT)
        load.wait_for(50)
    assert load.statuses() == {302: len(load.shots)}
    took = sorted(shot.ended - shot.began for shot in load.shots)
    assert took[len(took) // 2] < 0.1 and took[-1] < 2
