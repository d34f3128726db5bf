"""Does every input record have its decision or its place in quarantine? Asked of the topics alone.

Nothing that a worker counted is trusted: the answer comes from the records themselves, by topic, partition
and offset. It stands beside the services and writes nothing.
"""
