"""``jackfield completion``: what makes a shell complete names."""

import click

from jackfield._cli.lazy import HelpfulCommand

SHELLS = ("bash", "zsh", "fish")


@click.command(cls=HelpfulCommand)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete commands.

    \b
    bash   add to ~/.bashrc:  eval "$(jackfield completion bash)"
    zsh    add to ~/.zshrc:   eval "$(jackfield completion zsh)"
    fish   jackfield completion fish > ~/.config/fish/completions/jackfield.fish
    """  # noqa: D301  click takes the character itself for "keep these lines"
    from jackfield._cli.completing import print_script  # noqa: PLC0415  help must be quick

    print_script(context.find_root().command, shell)
