"""exportwatch: which law applies to what a shipment or contract contains, on the day it leaves."""

__version__ = "0.1.0"
