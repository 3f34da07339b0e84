"""The `policies:` of a config, each from what is written to a `Policy`, then all beside each other.

Those that bring files are mirrors, which `mirror_section` makes. Every setting of every policy is judged
by itself, so that one mistake hides no other.
"""

from reconciled.config.circles import check_together
from reconciled.config.complaints import Complaints
from reconciled.config.document import Value
from reconciled.config.known import Known
from reconciled.config.mirror_section import is_mirror
from reconciled.config.mode import Mode
from reconciled.config.names import check_name
from reconciled.config.policies import Agree, Policy, Unless, When
from reconciled.config.policy_checks import Draft, check_policy
from reconciled.config.policy_steps import PlacedStep, read_steps
from reconciled.config.policy_targets import check_targets
from reconciled.config.problems import Where
from reconciled.config.validate import validate_each
from reconciled.config.written_policies import WrittenPolicy, WrittenUnless

_EXAMPLE = "{when: gone, then: [{notify: phone}]}"


def build_policies(
    value: Value, known: Known, *, mode: Mode | None, complaints: Complaints
) -> dict[str, Policy]:
    """The policies by name. Good only if there was no problem; `mode` is the daemon's, None when unknown."""
    where: Where = ("policies",)
    if value is None:
        return {}
    if not isinstance(value, dict):
        complaints.problem(where, f"a mapping of policies by name belongs here: {{tell_me: {_EXAMPLE}}}")
        return {}
    built: dict[str, Policy] = {}
    for name, one in value.items():
        if is_mirror(one):
            continue  # see `mirror_section`
        policy = _build(name, one, known, mode=mode, complaints=complaints)
        if policy is not None:
            built[name] = policy
    check_together(list(built.values()), known, complaints=complaints)
    return built


def _build(
    name: str, value: Value, known: Known, *, mode: Mode | None, complaints: Complaints
) -> Policy | None:
    """The policy when each of its settings could be understood; what they mean is complained about here."""
    where: Where = ("policies", name)
    check_name(name, where, "policy", complaints=complaints)
    if not isinstance(value, dict):
        complaints.problem(where, f"a mapping of settings belongs here, such as {_EXAMPLE}")
        return None
    own = {key: inner for key, inner in value.items() if key != "then"}
    written, bad = validate_each(WrittenPolicy, own, where, complaints=complaints)
    steps, whole = read_steps(value.get("then"), (*where, "then"), complaints=complaints)
    if written.when is None and "when" not in bad:
        said = f"is missing; it is one of {', '.join(When)}"
        complaints.problem((*where, "when"), said, on_name=True)
        bad |= {"when"}
    bad |= frozenset() if whole else {"then"}
    policy = _policy(name, written, steps, known, where=where, complaints=complaints)
    draft = Draft(policy, written, steps, where, bad, known, mode)
    check_policy(draft, complaints=complaints)
    check_targets(steps, known, complaints=complaints)
    return None if bad else policy


def _policy(
    name: str,
    written: WrittenPolicy,
    steps: tuple[PlacedStep, ...],
    known: Known,
    *,
    where: Where,
    complaints: Complaints,
) -> Policy:
    return Policy(
        name=name,
        when=written.when or When.GONE,
        then=tuple(one.step for one in steps),
        kinds=frozenset(written.kind),
        sources=frozenset(written.from_),
        what=written.what,
        agree=_agree(written.agree),
        grace=written.grace,
        unless=_unless(written.unless),
        copies=written.copies,
        mode=written.mode,
        max_actions=written.max_actions,
        cascade=written.cascade,
        asked=any(one.step.verb.destructive and known.asks_always(one.step.target) for one in steps),
        mark=complaints.document.place(where).key,
    )


def _agree(said: tuple[str, ...]) -> Agree | frozenset[str]:
    """The words `all` and `none`, alone; else names of sources."""
    return Agree(said[0]) if len(said) == 1 and said[0] in tuple(Agree) else frozenset(said)


def _unless(written: WrittenUnless) -> Unless:
    return Unless(
        tags=frozenset(tag.strip().lower() for tag in written.tag),
        paths=written.path,
        titles=written.title,
        younger_than=written.younger_than,
    )
