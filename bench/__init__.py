"""Measured comparisons with the machine's own ceilings, each pair in one run.

Absolute figures follow the machine and whatever else it does; the ratios are what is promised.
"""
