"""The exercises of lesson 10, a module each; `lesson_10/__init__.py` lists them from easy to hard."""
