"""The exercises of lesson 09, a module each; `lesson_09/__init__.py` lists them from easy to hard."""
