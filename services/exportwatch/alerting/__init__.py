"""What a person must see: decisions of documents in, the life of their alerts out.

Everything here but ``app`` is pure. The wire contract of decisions and alerts is the event catalogue's.
"""
