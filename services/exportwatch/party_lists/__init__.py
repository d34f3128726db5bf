"""Party lists as publishers write them, read into entries of ours; and what a new edition changes. Pure."""
