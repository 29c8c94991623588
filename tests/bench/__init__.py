"""The figures that MageBooks promises, measured on this machine: `python -m tests.bench` (or `make bench`)."""
