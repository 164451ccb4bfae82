"""Use cases, one a file, over the ports in `application.ports`."""
