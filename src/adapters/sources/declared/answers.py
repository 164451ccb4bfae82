"""How an answer of a declared source is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.sources.declared.asking import Asked
from adapters.sources.declared.columns import Reader
from adapters.sources.declared.complaints import Complaint, raise_stated
from adapters.sources.declared.misfits import shown
from adapters.sources.declared.parallel_columns import rows_of
from adapters.sources.declared.paths import Finder
from adapters.sources.declared.places import PlaceRules
from adapters.sources.json_documents import decode_answer
from domain.errors import ParseError
from domain.expectations import QuarantinedRecord
from domain.requests import Response
from domain.tables import Record

_NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer holds.

    Attributes:
        value: the decoded answer; None for one without content.
        count: number of its records, those beyond a limit included.
        rows: in the form of the table.
        kept_out: records with a value that fits no column.
    """

    value: Any
    count: int
    rows: Sequence[Record]
    kept_out: Sequence[QuarantinedRecord]


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """Where the records are, and how they are read.

    Attributes:
        file_records: finds them in a further file.
        by_columns: they come as an object of lists.
        may_be_null: null in their place means that there are none.
    """

    records: Finder
    file_records: Finder
    by_columns: bool
    may_be_null: bool
    total: Finder | None
    read: Reader
    complaints: Sequence[Complaint]
    places: PlaceRules | None

    def answer(self, response: Response, asked: Asked) -> Answer:
        """What an answer to the request holds.

        Raises:
            ParseError: it cannot be read, or holds no records where they should be.
            PipelineError: what the upstream says is wrong.
        """
        if response.status == _NO_CONTENT:
            return Answer(None, 0, (), ())
        try:
            value = decode_answer(response)
        except ParseError as error:
            message = f"The answer for {asked.shown} cannot be read: {error}."
            raise ParseError(message) from error
        raise_stated(self.complaints, asked.shown, value)
        rows: list[Record] = []
        kept_out: list[QuarantinedRecord] = []
        count = 0
        for part, own in self._parts(value, asked):
            found = self._found(part, asked)
            left = None if asked.left is None else max(0, asked.left - count)
            count += len(found)
            values = {**asked.values, **own}
            for each in found[:left]:
                row = self.read(each, values)
                if isinstance(row, QuarantinedRecord):
                    kept_out.append(row)
                else:
                    rows.append(row)
        return Answer(value, count, rows, kept_out)

    def total_of(self, value: Any) -> int | None:
        """How many items there are, as the answer says."""
        total = self.total(value) if self.total else None
        return total if type(total) is int and total >= 0 else None

    def _parts(self, value: Any, asked: Asked) -> Sequence[tuple[Any, Mapping[str, str]]]:
        if self.places is None:
            return [(value, {})]
        parts = self.places.parts(value, asked.places)
        for part, own in parts if len(parts) > 1 else ():
            raise_stated(self.complaints, own["place"], part)
        return parts

    def _found(self, value: Any, asked: Asked) -> list[Any]:
        finder = self.records if asked.files is None else self.file_records
        found = finder(value)
        if found is None and self.may_be_null and value is not None:
            return []
        if self.by_columns:
            return rows_of(found, asked.shown)
        if type(found) is not list:
            message = f"The answer for {asked.shown} holds no list of records."
            raise ParseError(message)
        for at, each in enumerate(found):
            if type(each) not in (dict, list):
                message = (
                    f"The answer for {asked.shown} holds no list of records: "
                    f"record {at} is {shown(each)}, not an object."
                )
                raise ParseError(message)
        return found
