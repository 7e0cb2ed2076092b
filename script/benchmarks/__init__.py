# SPDX-License-Identifier: MIT
"""How fast Curt is: every figure a ratio to a baseline that was measured in turn with it.

script/bench is the command; docs/performance.md says what the figures mean. Standard library only.
"""
