"""The command line: a host like any other, written with click.

Each file is imported when a command needs it; ``main`` and what it imports stay small, so that help is quick.
"""
