"""``python -m jackfield`` is the command ``jackfield``."""

from jackfield._cli.main import main

if __name__ == "__main__":
    main()
