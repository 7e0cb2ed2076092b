# SPDX-License-Identifier: MIT
"""Measures how fast Curt is: every figure is a ratio to a baseline, measured alternately with it.

The command is script/bench; docs/performance.md explains the figures. Standard library only.
"""
