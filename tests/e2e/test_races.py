# SPDX-License-Identifier: MIT
"""Many clients that ask for the same thing at once."""

import collections
import threading


def all_at_once(tasks):
    """Runs the tasks in threads that start together; their results."""
    barrier = threading.Barrier(len(tasks))
    results = [None] * len(tasks)

    def run(index, task):
        barrier.wait()
        results[index] = task()
    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_fifty_clients_for_one_alias(client, host):
    for turn in range(3):
        alias = f"race-{host.web.site.name}-{turn}"
        answers = all_at_once([
            lambda number=number: client.post(
                {"long_url": f"https://example.com/{number}", "custom_alias": alias})
            for number in range(50)])
        assert collections.Counter(answer.status for answer in answers) == {201: 1, 409: 49}
        winner = next(answer.json for answer in answers if answer.status == 201)
        for answer in answers:
            if answer.status == 409:
                answer.is_problem(409, "alias_taken")
        assert client.get(alias).location == winner["long_url"]


def test_an_alias_asked_for_while_it_is_made(any_client):
    """A request just before the link exists gets 404, one after the 201 gets the link, though the
    404 went into a cache."""
    for turn in range(20):
        alias = f"early-{turn}"
        assert any_client.get(alias).status == 404
        any_client.create("https://example.com/early", custom_alias=alias)
        assert any_client.get(alias).location == "https://example.com/early"
