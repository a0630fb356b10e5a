"""The exercises of lesson 08, a module each; `lesson_08/__init__.py` lists them from easy to hard."""
