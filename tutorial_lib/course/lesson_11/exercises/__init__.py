"""The exercises of lesson 11, a module each; `lesson_11/__init__.py` lists them from easy to hard."""
