"""How much a request weighs against the limits: a number, or a formula of what is asked."""

import ast
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from adapters.sources.declared.section import Section
from domain.errors import ConfigurationError

type Numbers = Mapping[str, float]
"""Of a request: days, places, and how many words its parameters list."""
type Term = Callable[[Numbers], float]

_LONGEST = 200
_HEAVIEST = 2**31
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
}
_CHOICES: Mapping[str, Callable[[list[float]], float]] = {"max": max, "min": min}


@dataclass(frozen=True, slots=True)
class Weight:
    """A formula; `names` are those that it depends on."""

    term: Term
    names: Collection[str]

    def of(self, numbers: Numbers) -> int:
        """The weight of a request, rounded up, at least 1."""
        found = self.term(numbers)
        return max(1, math.ceil(found)) if found < _HEAVIEST else _HEAVIEST


def read_weight(section: Section, known: Collection[str]) -> Weight:
    """The `weight` of a request.

    Args:
        section: where it stands.
        known: names that a formula may have.

    Raises:
        ConfigurationError: it is no formula, has an unknown name, or divides by one.
    """
    text = section.formula("weight", 1)
    reader = _FormulaReader(section, known, text)
    try:
        tree = ast.parse(text[: _LONGEST + 1].strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise reader.refusal() from error
    if len(text) > _LONGEST:
        raise reader.refusal()
    return Weight(reader.term(tree.body), reader.names)


@dataclass(frozen=True, slots=True)
class _FormulaReader:
    """From the parts of an expression to functions; nothing of the text is ever run."""

    section: Section
    known: Collection[str]
    text: str
    names: set[str] = field(default_factory=set)

    def term(self, node: ast.expr) -> Term:
        match node:
            case ast.Constant(value=int() | float() as number) if type(number) is not bool:
                return self._number(number)
            case ast.Name(id=name):
                return self._name(name)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self._work(left, op, right)
            case ast.Call(func=ast.Name(id="ceil"), args=[arg], keywords=[]):
                inner = self.term(arg)
                return lambda numbers: float(-(-inner(numbers) // 1))
            case ast.Call(func=ast.Name(id=name), args=[_, _, *_] as args, keywords=[]) if (
                name in _CHOICES
            ):
                terms, choose = [self.term(each) for each in args], _CHOICES[name]
                return lambda numbers: choose([each(numbers) for each in terms])
        raise self.refusal()

    def _number(self, number: float) -> Term:
        if number >= _HEAVIEST:
            raise self.refusal()
        return lambda _: float(number)

    def _name(self, name: str) -> Term:
        if name not in self.known:
            raise self.section.unknown(name="weight", value=name, known=self.known)
        self.names.add(name)
        return lambda numbers: numbers[name]

    def _work(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Term:
        if isinstance(op, ast.Div) and not (isinstance(right, ast.Constant) and right.value):
            complaint = "divides by something else than a number."
            raise self.section.fail(name="weight", complaint=complaint)
        first, second, work = self.term(left), self.term(right), _OPERATORS[type(op)]
        return lambda numbers: work(first(numbers), second(numbers))

    def refusal(self) -> ConfigurationError:
        """It is no formula."""
        complaint = (
            f"{self.text[:60]!r} is no formula: write numbers, names, + - * / and parentheses, "
            "max and min of several, ceil of one."
        )
        return self.section.fail(name="weight", complaint=complaint)
