"""What ``jackfield --help`` costs in CPU.

1.0 is an equal program: one file of click with the same commands, options and help texts as ours (written from our own
tree of commands), contributed commands included. Ours finds the contributed ones in the metadata of what is installed,
and imports none of them. Each figure is the best of several fresh processes, run in turn, since everything else that
runs on a machine only ever makes it slower.

Run ``python benchmarks/help.py``; with ``--check`` it fails if the goal is missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from jackfield._cli.lazy import LazyGroup
from jackfield._cli.main import cli

MOST_RATIO = 1.3
CONTRIBUTED = 20

BARE = "import sys; sys.argv[1:] = []"
OURS = "import sys; sys.argv[1:] = ['--help']; from jackfield._cli.main import main; main()"
EQUAL = "import sys; sys.argv[1:] = ['--help']; from equal_program import cli; cli(prog_name='jackfield')"


def main() -> int:
    """Measure, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--check", action="store_true", help="fail if the goal is missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        environ = prepared(root)
        texts = [output_of(program, environ) for program in (OURS, EQUAL)]
        time.sleep(2.5)  # what was just written is not remembered
        took = measure(environ, options.runs)
    bare, equal, ours = took[BARE], took[EQUAL], took[OURS]
    print(f"CPU of --help, {CONTRIBUTED} contributed commands, best of {options.runs} processes\n")
    print(f"bare Python            {bare:7.1f} ms {bare / equal:6.2f}")
    print(f"equal click program    {equal:7.1f} ms   1.00   ({len(texts[1].splitlines())} lines)")
    print(f"jackfield              {ours:7.1f} ms {ours / equal:6.2f}   ({len(texts[0].splitlines())} lines)")
    met = ours / equal <= MOST_RATIO
    print(f"\nThe goal of {MOST_RATIO} is {'met' if met else 'missed'}.")
    return 1 if options.check and not met else 0


def prepared(root: Path) -> dict[str, str]:
    """Write the equal program and the metadata of who contributes, and give the environment to run in."""
    names = [f"command-{number:02}" for number in range(CONTRIBUTED)]
    (root / "equal_program.py").write_text("\n".join(source_of(names)), encoding="utf-8")
    for name in names:
        folder = root / f"package_{name.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: package-{name}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[jackfield.commands]\n{name} = no_such_file:command\n")
    home = {name: str(root / "home") for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    environ = {**os.environ, **home, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": ""}
    environ.pop("JACKFIELD_HOME", None)  # most people do not set it
    return environ


def source_of(contributed: list[str]) -> Iterator[str]:
    """Write a program that has our commands, options and help texts, all in one file."""
    yield "import click\n"
    yield from group_source("cli", "click", cli)
    for name in contributed:
        yield f"@cli.command({name!r}, help='from package-{name}')"
        yield f"def {name.replace('-', '_')}(): pass\n"


def group_source(name: str, parent: str, group: click.Group) -> Iterator[str]:
    """Write a group and what is in it."""
    rest = f"epilog={group.epilog!r}, context_settings={cli.context_settings!r}"  # commands inherit the settings
    yield f"@{parent}.group({group.name!r}, help={group.help!r}, {rest})"
    yield from (parameter_source(parameter) for parameter in group.params)
    yield f"def {name}(**values): pass\n"
    context = click.Context(group)
    for key in group.lazy if isinstance(group, LazyGroup) else group.list_commands(context):
        command = group.get_command(context, key)
        if isinstance(command, click.Group):
            yield from group_source(f"{name}_{key}", name, command)
        elif command is not None:
            yield f"@{name}.command({key!r}, help={command.help!r})"
            yield from (parameter_source(parameter) for parameter in command.params)
            yield f"def {name}_{key.replace('-', '_')}(**values): pass\n"


def parameter_source(parameter: click.Parameter) -> str:
    """Write an option or an argument."""
    if isinstance(parameter, click.Argument):
        return f"@click.argument({parameter.name!r}, nargs={parameter.nargs}, metavar={parameter.metavar!r})"
    assert isinstance(parameter, click.Option)
    if "--version" in parameter.opts:
        return "@click.version_option(package_name='jackfield')"
    kind = f"type=click.Choice({list(parameter.type.choices)!r})" if isinstance(parameter.type, click.Choice) else ""
    flag = "is_flag=True" if parameter.is_flag else f"metavar={parameter.metavar!r}"
    return f"@click.option({', '.join(map(repr, parameter.opts))}, help={parameter.help!r}, {flag}, {kind})"


def output_of(program: str, environ: Mapping[str, str]) -> str:
    """Run a program, and see that it does what it is measured for."""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, encoding="utf-8", check=True
    )
    assert "connector" in done.stdout
    assert f"command-{CONTRIBUTED - 1}" in done.stdout
    return done.stdout


def measure(environ: Mapping[str, str], runs: int) -> dict[str, float]:
    """Run the programs in turn, and give the best of each in milliseconds."""
    took: dict[str, list[float]] = {BARE: [], EQUAL: [], OURS: []}
    for _ in range(runs + 1):  # the first run of each warms the disk, and ours remembers what is installed
        for program, times in took.items():
            times.append(cpu_ms(program, environ))
    return {program: min(times[1:]) for program, times in took.items()}


def cpu_ms(program: str, environ: Mapping[str, str]) -> float:
    """Run a program once, and give its CPU time; where the system does not tell it, the time that passed."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", program], env=environ, stdout=subprocess.DEVNULL)
    if not hasattr(os, "wait4"):
        process.wait()
        return (time.perf_counter() - started) * 1000
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0  # it was waited for already
    return (usage.ru_utime + usage.ru_stime) * 1000


if __name__ == "__main__":
    sys.exit(main())
