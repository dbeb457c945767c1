"""The planner: a logged period played again in another world, beside today's.

The visitors of the period are the same in both worlds and are called by the very rule that runs
live, so that the difference is the change's alone.
"""
