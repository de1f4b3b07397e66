"""What a check found, in words."""

from jackfield import ConnectionCheck, Tier

_WORDS = {
    Tier.OFFLINE: "its values are right",
    Tier.REACHABLE: "a server answers",
    Tier.AUTHENTICATED: "it accepts the credentials",
    Tier.AUTHORIZED: "they allow what was asked",
}


def told_tiers(found: ConnectionCheck) -> str:
    """Say how far a check came, on one line."""
    proven = [_WORDS[tier] for tier in found.passed]
    rest = next((_WORDS[tier] for tier in Tier if tier not in found.passed), "")
    parts = [f"found: {found.verdict.value}"]
    parts += [f"proven: {', '.join(proven)}"] if proven else []
    parts += [f"not proven: {rest}"] if rest else []
    return "; ".join(parts)
