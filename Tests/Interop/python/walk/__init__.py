"""A walk over every method of tokend, as PROTOCOL.md describes them. ../conformance.py takes it."""
