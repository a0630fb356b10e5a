"""`python -m tutorial_lib` is `tutorial`, where scripts are not on the PATH."""

from tutorial_lib.cli import main

if __name__ == "__main__":
    main()
