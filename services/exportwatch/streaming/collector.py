"""How the garbage collector is set in a process that screens."""

import gc


def spare_the_collector() -> None:
    """What start-up made lives as long as the process and need not be walked again; what a record makes is
    some 25 tuples that die with its batch and would start the collector every 28 records.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
