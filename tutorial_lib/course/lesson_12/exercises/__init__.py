"""The exercises of lesson 12, a module each; `lesson_12/__init__.py` lists them from easy to hard."""
