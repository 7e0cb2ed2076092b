# SPDX-License-Identifier: MIT
"""A measured figure: one value per round, and its required values."""

import dataclasses
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

    def as_json(self):
        return {**dataclasses.asdict(self), "median": self.median, "min": min(self.values),
                "max": max(self.values)}
