"""Workflows that several exercises run. They import nothing but the SDK: worker processes load them."""
