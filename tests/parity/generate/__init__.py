"""Generators of dialect programs: each gives a strategy of Case objects, which batch.py puts together into programs."""
