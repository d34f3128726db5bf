"""How right the decisions are: case files run against the one pure call of the core, and the account of them."""
