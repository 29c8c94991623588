"""Prefect flows, one file per business word: what runs in which order, and nothing else."""
