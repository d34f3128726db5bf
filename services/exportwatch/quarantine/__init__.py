"""What an operator sees of the quarantine topic and does with its records; the topic is the only state.

The limit that stops a partition is `streaming.quarantine`'s.
"""
