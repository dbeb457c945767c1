"""The rules of the queue: pure functions of their arguments, standard library only.

Time is an argument everywhere: seconds since 1970-01-01 UTC, as a float. The live system and
the simulation call the same functions.
"""
