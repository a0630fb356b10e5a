"""What checks are made of: a workbench on the real server, and sentences over the histories it yields."""
