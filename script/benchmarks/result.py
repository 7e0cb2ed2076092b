# SPDX-License-Identifier: MIT
"""A measured figure: one value per round, and its required values."""

import dataclasses
import math
import statistics


@dataclasses.dataclass
class Result:
    """`must` and `aim` are upper bounds where `lower` is better, else lower bounds."""
    name: str
    what: str
    unit: str = "×"
    must: float | None = None
    aim: float | None = None
    lower: bool = False
    values: list = dataclasses.field(default_factory=list)
    baseline: list = dataclasses.field(default_factory=list)   # absolute, where the value is a ratio
    measured: list = dataclasses.field(default_factory=list)   # absolute
    measured_unit: str = ""
    cpu_us: dict = dataclasses.field(default_factory=dict)      # part -> values, for one request
    notes: dict = dataclasses.field(default_factory=dict)

    def add(self, measured, baseline):
        """Adds a round of a measurement and of its baseline."""
        self.measured.append(measured)
        self.baseline.append(baseline)
        self.values.append(measured / baseline)

    def add_cpu(self, parts):
        for part, us in parts.items():
            self.cpu_us.setdefault(part, []).append(us)

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def interval(self):
        """The bounds of the median with a confidence of at least 95 %, whatever the distribution: the k-th lowest and
        the k-th highest value (order statistics of the binomial distribution). None for fewer than six values."""
        n, below, k = len(self.values), 0.0, 0
        while below + math.comb(n, k) / 2 ** n <= 0.025:
            below += math.comb(n, k) / 2 ** n
            k += 1
        ordered = sorted(self.values)
        return (ordered[k - 1], ordered[-k]) if k else None

    def as_json(self):
        return {**dataclasses.asdict(self), "median": self.median, "min": min(self.values),
                "max": max(self.values), "interval": self.interval}
