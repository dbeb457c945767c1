"""``queueapp simulate``: many days of the configured municipality through the rule that runs live.

Everything in it is invented and marked so; nothing is written to the database.
"""
