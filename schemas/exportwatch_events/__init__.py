"""The wire contract of exportwatch: every event that goes in or comes out, as pure models.

Knows nothing of Kafka clients, of law or of screening; needs only pydantic. Producers and consumers of
the topics may install it alone. ``schemas/json`` holds the same contract as JSON Schema.
"""
