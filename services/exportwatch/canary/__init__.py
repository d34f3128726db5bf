"""A canary document for each input partition, again and again, and whether each is answered. Nothing else."""
