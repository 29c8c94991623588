"""What runs always and how it is started: the command, the Prefect deployments, the embedded sandbox."""
