# SPDX-License-Identifier: MIT
"""The command line of script/bench."""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys

from stack.process import Failed, environment

from . import creates, footprint, hostile, native, redirects, report, scale, versus, yourls
from .stage import Stage

TOP = pathlib.Path(__file__).resolve().parents[2]

OTHERS = {
    "counting": redirects.counting,
    "p99": redirects.half_rate,
    "create": creates.create,
    "bulk": creates.bulk,
    "memory": footprint.memory,
    "start": footprint.start,
    "size": footprint.size,
    "bodies": hostile.measure,
    "bodies-p99": hostile.beside,
    **native.ROWS,
    "yourls": yourls.redirects,
}
# Two measurements that are made during another one.
SHARED = {"cpu": ("local", redirects.cpu_share), "tail": ("apache", redirects.apache_tail)}
NAMES = [case.name for case in redirects.CASES] + list(SHARED) + list(OTHERS)

EPILOG = """\
A ratio is to an empty responder, a libfcgi program that answers with a constant redirect, behind the same web
server with as many workers, unless the row says something else. Baseline and Curt are measured alternately, and the
figures are the median, the minimum and the maximum of the rounds. "must" and "aim" are what docs/performance.md
requires; a missed figure is no failure. script/bench scale [SIZE...] measures what a
look-up in MariaDB costs as the table grows (100000 and 1000000 links), with a buffer pool that has room for
all tables, and with one for a tenth of the largest. With --before DIR every ratio is to the same figure of
another build, measured alternately on the same servers. YOURLS is measured only where --yourls names it; it
needs Debian's php8.2-fpm, php8.2-mysql and php8.2-opcache.
"""


def positive(text):
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="script/bench", epilog=EPILOG, allow_abbrev=False,
        description="Measures how fast Curt is on this machine, on servers of its own.")
    parser.add_argument("command", nargs="?", choices=("run", "scale"), default="run")
    parser.add_argument("sizes", nargs="*", type=positive, metavar="SIZE",
                        help="links in the table, for scale")
    parser.add_argument("--quick", action="store_true", help="shorter: rounds of 1 s, 100,000 links")
    parser.add_argument("--only", action="append", choices=sorted({*NAMES, *versus.ROWS}), metavar="NAME",
                        default=[], help="measure only this; may be repeated: " + ", ".join(NAMES)
                        + "; with --before: " + ", ".join(versus.ROWS))
    parser.add_argument("--rounds", type=positive, metavar="N", help="number of rounds (quick: 3, else 5; with --before 15)")
    parser.add_argument("--seconds", type=positive, metavar="N",
                        help="duration of each load (quick: 1, else 4)")
    parser.add_argument("--links", type=positive, metavar="N",
                        help="number of links (quick: 100000, else 1000000)")
    parser.add_argument("--workers", type=positive, default=4, metavar="N",
                        help="FastCGI workers (4; Apache has one for each connection)")
    parser.add_argument("--seed", type=int, metavar="N", default=random.randrange(1 << 32),
                        help="seed of generated bodies (default: random, printed)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--svg", type=pathlib.Path, metavar="FILE", help="draw the ratios to FILE")
    parser.add_argument("--build", type=pathlib.Path, metavar="DIR",
                        help="measure the programs of this build, instead of building in build/bench")
    parser.add_argument("--before", type=pathlib.Path, metavar="DIR",
                        help="compare with the programs of this build")
    parser.add_argument("--yourls", type=pathlib.Path, metavar="DIR",
                        help=f"an unpacked YOURLS {yourls.VERSION}, to be measured as well")
    options = parser.parse_args(arguments)
    wrong = set(options.only) - set(versus.ROWS if options.before else NAMES)
    if wrong:
        parser.error(f"--only {' '.join(sorted(wrong))}: measured {'without' if options.before else 'with'} --before")
    if options.before and options.command == "scale":
        parser.error("scale measures one build")
    lacking = yourls.missing(options.yourls)
    if lacking and ("yourls" in options.only or options.yourls):
        parser.error(f"yourls: {lacking}")
    if options.sizes and options.command != "scale":
        parser.error("sizes require scale")
    options.sizes = options.sizes or [100_000, 1_000_000]
    if options.command == "scale" and len(set(options.sizes)) < 2:
        parser.error("scale compares two sizes or more")
    quick = (3, 1, 100_000) if options.quick else (5, 4, 1_000_000)
    if options.before:
        quick = (15, *quick[1:2], 10_000)
    for name, value in zip(("rounds", "seconds", "links"), quick):
        setattr(options, name, getattr(options, name) or value)
    return options


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(argv, what, **options):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, env=environment(), check=False, **options)
    if done.returncode != 0:
        raise Failed(f"{what}:\n{done.stdout[-4000:]}")


def build(directory):
    if not directory:
        directory = TOP / "build" / "bench"
        say(f"Building in {directory} …")
        run([TOP / "script" / "build", directory, "CFLAGS=-O2 -g"], "the build failed")
    run(["make", "-C", directory, "bench-programs"], "the build failed")
    return directory


def measure_all(stage, options):
    wanted = options.only or [name for name in NAMES if name != "yourls" or options.yourls]
    for case in redirects.CASES:
        shared = [(name, make) for name, (of, make) in SHARED.items()
                  if of == case.name and name in wanted]
        if case.name not in wanted and not shared:
            continue
        say(f"{case.name} …")
        result = redirects.measure(stage, options, case)
        if case.name in wanted:
            yield result
        for _, make in shared:
            yield make(result)
    for name, measure in OTHERS.items():
        if name in wanted:
            say(f"{name} …")
            made = measure(stage, options)
            yield from made if isinstance(made, list) else [made]


def measure_versus(stage, options):
    both = versus.sides(stage, options)
    for name, make in versus.ROWS.items():
        if not options.only or name in options.only:
            say(f"{name} …")
            yield make(stage, options, both)


def measure(options, directory):
    """Yields the results as they are measured."""
    scaling = options.command == "scale"
    most = sum(options.sizes) if scaling else options.links
    with Stage(directory, options.workers, most) as stage:
        say(f"Making {most:,} links …")
        if scaling:
            yield from scale.measure(stage, options, options.sizes)
            return
        stage.seed(options.links)
        if options.before:
            yield from measure_versus(stage, options)
            return
        yield from measure_all(stage, options)


def publish(where, options, results):
    print(report.heading(where, options))
    print(report.table(results))
    print(report.cpu_table(results))
    if options.json:
        report.write_json(options.json, where, options, results)
    if options.svg:
        options.svg.write_text(report.svg(results), encoding="utf-8")


def interrupt(*_):
    raise KeyboardInterrupt


def main(arguments):
    options = parse(arguments)
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, interrupt)
    results, failed = [], 0
    try:
        directory = build(options.build)
        where = report.machine(not options.build)
        for result in measure(options, directory):
            results.append(result)
    except Failed as failure:
        say(f"script/bench: {failure}")
        failed = 1
    except KeyboardInterrupt:
        failed = 130
    # The results so far are valid.
    if results:
        publish(where, options, results)
    return failed


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
