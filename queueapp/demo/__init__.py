"""``queueapp demo``: invented visitors and staff, for a look at the system at work.

A day is played against the running service through its API (``day``). Years past are played by
the simulation and written into the log (``years``). All of it is marked as invented.
"""
