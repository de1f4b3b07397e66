"""What a server offers, and how far it goes."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from attrs import field, frozen

from jackfield import Host, InputError, Kind, ModuleHandle, PluginError

MAX_RESULT_BYTES = 48 * 1024
"""About what a model reads of one tool."""
MAX_AT_ONCE = 64


@frozen(kw_only=True)
class Offer:
    """What a server offers, and how far it goes.

    Attributes:
        modules: Ids of modules or patterns of them (``openai.*``); every module if empty.
        connections: For a connection type, the name of the connection to use; the one without a name for others.
        approved: Ids or patterns of modules that are run unasked even where a repeat leaves something behind.
        allow_universal: Whether modules that can call anything of a service are offered.
        max_result_bytes: The most JSON that one result has; of a larger one the rest can be read in pieces.
        max_inline_bytes: Images up to this size stand in the result itself, too; 0 for none.
        max_piece_bytes: The most that one reading of a resource gives.
        max_at_once: How many calls run at once, whoever made them; more wait for their turn.
        deadline_s: Seconds that one call may take; as the host's settings say without.
        on_this_machine: Whether clients may learn where files lie: only where they run on the same machine.
    """

    modules: Sequence[str] = ()
    connections: Mapping[str, str] = field(factory=dict)
    approved: Sequence[str] = ()
    allow_universal: bool = False
    max_result_bytes: int = MAX_RESULT_BYTES
    max_inline_bytes: int = 256 * 1024
    max_piece_bytes: int = 1024 * 1024
    max_at_once: int = MAX_AT_ONCE
    deadline_s: float | None = None
    on_this_machine: bool = True

    def runs_unasked(self, module_id: str) -> bool:
        """Tell whether somebody approved of a module beforehand."""
        return fits(module_id, self.approved)

    def check_connections(self, host: Host) -> None:
        """Go on if each connection is there and its values are whole; nothing is sent.

        Raises:
            JackfieldError: As ``Host.run`` would say when a module is first run with it.
        """
        for type_id, name in self.connections.items():
            check = host.diagnose_connection(type_id, name, offline=True)
            if check.error is not None:
                raise check.error

    def chosen(self, host: Host) -> tuple[list[ModuleHandle], list[str]]:
        """Choose the modules to offer.

        Returns:
            The modules, by id, and what was left out although it was asked for, in sentences.

        Raises:
            InputError: A pattern fits no module.
        """
        known = {handle.id: handle for handle in host.modules()}
        for pattern in self.modules:
            if not any(fits(module_id, [pattern]) for module_id in known):
                message = f"No module fits {pattern!r}."
                raise InputError(message, hint="`jackfield module list` lists those that are installed.")
        wanted = [handle for module_id, handle in known.items() if not self.modules or fits(module_id, self.modules)]
        kept: list[ModuleHandle] = []
        notes: list[str] = []
        for handle in wanted:
            note = self._obstacle(handle)
            if note is None:
                kept.append(handle)
            elif note:
                notes.append(note)
        return kept, notes

    def _obstacle(self, handle: ModuleHandle) -> str | None:
        """Say why a module is not offered; an empty text where nobody need be told."""
        try:
            universal = handle.kind is Kind.UNIVERSAL
            handle.schema()
        except PluginError as error:
            return f"{handle.id} cannot be used: {error.message}"
        if not universal or self.allow_universal:
            return None
        named = handle.id in self.modules
        return f"{handle.id} can call anything of its service; --allow-universal offers it." if named else ""


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a name fits one of several patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
