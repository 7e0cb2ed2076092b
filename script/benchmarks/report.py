# SPDX-License-Identifier: MIT
"""Formats results as a table, a chart, or JSON."""

import json
import os
import pathlib
import platform
import statistics
import subprocess
import time

from stack.process import environment

TOP = pathlib.Path(__file__).resolve().parents[2]


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def revision():
    done = subprocess.run(["git", "-C", TOP, "describe", "--always", "--tags"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          env=environment(), check=False)
    return done.stdout.strip() or None


def machine(own_build):
    """The machine, time and load when the measurement began. The commit of another build is unknown."""
    return {"processor": processor(), "processors": len(os.sched_getaffinity(0)),
            "kernel": platform.release(), "load_average": round(os.getloadavg()[0], 2),
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "revision": revision() if own_build else None}


def number(value):
    """About three significant digits; whole numbers from a hundred on."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.3f}" if abs(value - 1) < 0.1 else f"{value:.2f}"


def budget(result, value):
    if value is None:
        return ""
    return f"{'≤' if result.lower else '≥'} {value:g}"


def absolutes(result):
    if not result.measured:
        return ""
    text = number(statistics.median(result.measured))
    if result.baseline:
        text += f" to {number(statistics.median(result.baseline))}"
    return f"{text} {result.measured_unit}"


def row(result):
    low, high = min(result.values), max(result.values)
    spread = f"{number(low)} – {number(high)}" if len(result.values) > 1 else ""
    sure = " – ".join(map(number, result.interval)) if result.interval else ""
    return (result.what, f"{number(result.median)} {result.unit}", sure, spread, absolutes(result),
            budget(result, result.must), budget(result, result.aim))


HEADINGS = ("what", "median", "95 %", "min – max", "measured", "must", "aim")


def table(results):
    rows = [HEADINGS, *map(row, results)]
    widths = [max(len(line[i]) for line in rows) for i in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) if i in (0, 4) else cell.rjust(width)
                  for i, (cell, width) in enumerate(zip(line, widths))).rstrip() for line in rows)


def cpu_table(results):
    """The CPU time of a request by process; "" when it was not measured."""
    measured = [result for result in results if result.cpu_us]
    if not measured:
        return ""
    parts = list(measured[0].cpu_us)
    width = max(map(len, parts)) + 2
    lines = ["", f"{'CPU µs a request':18}" + "".join(part.rjust(width) for part in parts)]
    for result in measured:
        lines.append(f"{result.name:18}" + "".join(
            number(statistics.median(values)).rjust(width) for values in result.cpu_us.values()))
    return "\n".join(lines)


def heading(where, options):
    return (f"{where['processors']} × {where['processor']}, Linux {where['kernel']};"
            f" load average {where['load_average']} when it began, {os.getloadavg()[0]:.2f} now.\n"
            f"{options.rounds} rounds of {options.seconds} s; seed {options.seed}.")


def write_json(path, where, options, results):
    path.write_text(json.dumps({
        "machine": where, "rounds": options.rounds, "seconds": options.seconds,
        "links": options.links, "workers": options.workers, "seed": options.seed,
        "results": [result.as_json() for result in results]}, indent=2) + "\n", encoding="utf-8")


# The chart: a bar for each ratio, a whisker from minimum to maximum, and a line at 1.

LABELS, BAR, LINE, SCALE_PX = 290, 16, 26, 260


def bar(result, y):
    def x(value):
        return LABELS + value * SCALE_PX
    low, high, middle = min(result.values), max(result.values), y + BAR / 2
    return "".join((
        f'<text x="{LABELS - 8}" y="{y + 12}" text-anchor="end">{result.what}</text>',
        f'<rect x="{LABELS}" y="{y}" width="{x(result.median) - LABELS:.1f}" height="{BAR}"/>',
        f'<path d="M{x(low):.1f} {middle}H{x(high):.1f}"/>',
        f'<text x="{x(high) + 6:.1f}" y="{y + 12}">{number(result.median)}</text>\n'))


def svg(results):
    drawn = [result for result in results
             if result.unit == "×" and not result.lower and result.median <= 3]
    most = max([1.0] + [max(result.values) for result in drawn])
    width, height = LABELS + most * SCALE_PX + 60, LINE * len(drawn) + 40
    bars = "".join(bar(result, 30 + LINE * i) for i, result in enumerate(drawn))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}"'
        f' width="{width:.0f}" font-family="sans-serif" font-size="13">\n'
        '<style>text{fill:#555}rect{fill:#4a7fb5}path{stroke:#c60;fill:none;stroke-width:2}'
        '.one{stroke:#999;stroke-dasharray:4 3}</style>\n'
        f'<text x="{LABELS + SCALE_PX}" y="16" text-anchor="middle">baseline = 1</text>\n{bars}'
        f'<path class="one" d="M{LABELS + SCALE_PX} 22V{height - 6}"/>\n</svg>\n')
