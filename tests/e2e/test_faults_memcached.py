# SPDX-License-Identifier: MIT
"""memcached dies, or stands still, while visitors come. Nobody notices."""

import signal
import socket

from load import Load, follow
from stack.process import wait_until


def hits(stack):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(stack.memcached.socket))
        peer.sendall(b"stats\r\n")
        received = b""
        while not received.endswith(b"END\r\n"):
            received += peer.recv(65536)
    return int(received.partition(b"STAT get_hits ")[2].split()[0])


def test_memcached_is_killed_and_comes_back(own_stack, own_client, links):
    with Load(follow(own_client, links), least=5) as load:
        own_stack.memcached.kill()
        load.wait_for(200)
        assert own_client.create("https://example.com/meanwhile")["state"] == "live"
        own_stack.memcached.start()
        load.wait_for(200)
        # The housekeeper notices within a second; then it is used again.
        wait_until(lambda: hits(own_stack) > 0, 10, "hits in memcached")
    assert load.statuses() == {302: len(load.shots)}
    assert all(shot.answer.location == shot.asked for shot in load.shots)


def test_memcached_stands_still(own_stack, own_client, links):
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
