"""What an instructor needs of a lesson: its scenes with minutes and notes, on paper and beside the slides.

notebook ──sheet──> scenes ──runsheet──> a table in the terminal, a page to print
                       │
                       └────────────────> the presenter's window (`tutorial_lib.jupyter.presenter`)
"""
