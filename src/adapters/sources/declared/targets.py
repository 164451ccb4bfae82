"""What a declared source takes as a target, and the parameters it has."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from adapters.sources.declared.section import Section
from domain.errors import UsageError
from domain.sources import Options, Parameter

_LONGEST = 200
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_CASES: dict[str, Callable[[str], str]] = {"as_is": str, "upper": str.upper, "lower": str.lower}


@dataclass(frozen=True, slots=True)
class TargetRules:
    """The form of a target; its named groups are values of the request."""

    pattern: re.Pattern[str]
    case: str
    form: str

    def check(self, target: str) -> str:
        """The target as the source spells it; UsageError if it can't be one."""
        spelled = _CASES[self.case](target.strip())
        if len(spelled) > _LONGEST or not self.pattern.fullmatch(spelled):
            message = f"{target[:60]!a} is not a target: it must be {self.form}."
            raise UsageError(message)
        return spelled

    def groups(self, target: str) -> dict[str, str]:
        """The named parts of a target."""
        match = self.pattern.fullmatch(target)
        return match.groupdict("") if match else {}


def read_target(section: Section) -> TargetRules:
    """The `[target]` of a declaration."""
    rules = TargetRules(
        section.pattern("pattern"),
        section.choice("case", tuple(_CASES), "as_is"),
        section.text("form"),
    )
    section.end()
    return rules


@dataclass(frozen=True, slots=True)
class ParameterRules:
    """A parameter, and the values it may have."""

    parameter: Parameter
    pattern: re.Pattern[str]

    def check(self, value: str) -> None:
        """UsageError when a value is none of the parameter's."""
        if value != self.parameter.default and not self.pattern.fullmatch(value):
            name, meaning = self.parameter.name, self.parameter.meaning
            message = f"-p {name}={value[:60]!a}: {name} is {meaning}."
            raise UsageError(message)


def read_parameters(sections: Sequence[Section], taken: Collection[str]) -> list[ParameterRules]:
    """The `[[parameters]]` of a declaration; `taken` names mean something else."""
    found: list[ParameterRules] = []
    for each in sections:
        parameter = Parameter(each.text("name"), each.text("meaning"), each.text("default", ""))
        name = parameter.name
        if not _NAME.fullmatch(name):
            raise each.fail(
                name="name", complaint=f"{name!r} is no name: use letters, digits and underscores."
            )
        if name in taken or any(name == other.parameter.name for other in found):
            raise each.fail(
                name="name", complaint=f"{name!r} is taken: call the parameter something else."
            )
        found.append(ParameterRules(parameter, each.pattern("pattern", ".*")))
        each.end()
    return found


def checked_values(rules: Sequence[ParameterRules], options: Options) -> Mapping[str, str]:
    """The parameters' values; UsageError where one is none."""
    for each in rules:
        each.check(options[each.parameter.name])
    return {each.parameter.name: options[each.parameter.name] for each in rules}
