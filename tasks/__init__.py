"""The unit of retry: one outside effect each, idempotent, wired to clients and stores by `tasks.connections`."""
