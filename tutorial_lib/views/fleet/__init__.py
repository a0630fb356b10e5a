"""The workers of a lab, live, with buttons that start, stop and kill them."""
