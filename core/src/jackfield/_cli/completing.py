"""The scripts that make a shell ask us for completions, where click's own would put a blank behind ``FIELD=``."""

import os

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from jackfield._cli.output import write_plain

_NAME = "jackfield"
_VARIABLE = "_JACKFIELD_COMPLETE"
"""The variable by which click knows that a shell asks."""

_BASH = r"""
%(complete_func)s() {
    local kind value unspaced=
    COMPREPLY=()
    while IFS=, read -r kind value; do
        COMPREPLY+=("$value")
        [[ $kind == nospace ]] && unspaced=1
    done < <(COMP_LINE="${COMP_LINE:0:$COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" %(complete_var)s=bash_complete \
        COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" "$1")
    [[ $unspaced ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null || complete -F %(complete_func)s %(prog_name)s
"""

_ZSH = r"""#compdef %(prog_name)s

%(complete_func)s() {
    local kind value told
    local -a whole halves
    (( $+commands[%(prog_name)s] )) || return 1
    while IFS= read -r kind && IFS= read -r value && IFS= read -r told; do
        if [[ $kind == nospace ]]; then halves+=("$value"); else whole+=("$value"); fi
    done < <(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) %(complete_var)s=zsh_complete %(prog_name)s)
    (( $#whole )) && compadd -U -V whole -a whole
    (( $#halves )) && compadd -U -S '' -V halves -a halves
    return 0
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


class _Bash(BashComplete):
    """Knows that bash ends words at ``=`` and ``:``, and replaces only what comes after the last of them."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Read the line up to the cursor, since the words that bash makes of it are not the shell's."""
        line = os.environ.get("COMP_LINE")
        if line is None:
            return super().get_completion_args()
        words = split_arg_string(line)[1:]
        return (words, "") if line[-1:].isspace() or not words else (words[:-1], words[-1])

    def complete(self) -> str:
        """Give one line for each completion: its kind, and what stands in the place of the last part of the word."""
        arguments, incomplete = self.get_completion_args()
        breaks = os.environ.get("COMP_BREAKS", "")
        cut = max((incomplete.rfind(sign) + 1 for sign in "=:" if sign in breaks), default=0)
        items = self.get_completions(arguments, incomplete)
        return "\n".join(f"{item.type},{str(item.value)[cut:]}" for item in items)


class _Zsh(ZshComplete):
    """Gets three lines for each completion: kind, value and what it means."""

    source_template = _ZSH

    def format_completion(self, item: CompletionItem) -> str:
        """Give the lines."""
        return f"{item.type}\n{item.value}\n{item.help or '_'}"


class _Fish(FishComplete):
    """Knows that fish itself puts no blank behind ``=`` and dots, and takes no other kind for a word."""

    def format_completion(self, item: CompletionItem) -> str:
        """Give one line."""
        return super().format_completion(CompletionItem(item.value, help=item.help))


def teach_shells() -> None:
    """Have click answer the scripts that are printed here."""
    add_completion_class(_Bash)
    add_completion_class(_Zsh)
    add_completion_class(_Fish)


def print_script(program: click.Command, shell: str) -> None:
    """Print the script for a shell."""
    teach_shells()
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  the command offers no other
    # Not the class's own way: for bash it runs the bash that it finds, to warn of old ones, and there may be none here.
    write_plain(ShellComplete.source(kind(program, {}, _NAME, _VARIABLE)))
