"""The whole on one machine with the example events: what `exportwatch demo` is made of."""
