"""Watches a workflow's code while it works: a wrapper around the SDK's workflow runner."""
