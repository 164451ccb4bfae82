"""`app ingest --with TABLE,…`: runs of further sources of the domain, after the main one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from application.ingest_request import IngestRequest
from application.ports.source_registry import SourceRegistry
from domain.errors import NotFoundError
from domain.sources import Source, Window


def with_companions(
    requests: Sequence[IngestRequest], tables: str | None, registry: SourceRegistry
) -> list[IngestRequest]:
    """Each request, followed by one for each named table that another source fills.

    Args:
        requests: for the main source.
        tables: comma list of tables of its domain, without the domain's name; None for none.
        registry: where the sources are found. Each gets those of the parameters that it has, and
            the window where it takes one, if any of them does.

    Raises:
        NotFoundError: no source of the domain fills such a table.
    """
    if tables is None:
        return list(requests)
    names = list(dict.fromkeys(name.strip() for name in tables.split(",") if name.strip()))
    return [each for request in requests for each in _runs(request, names, registry)]


def _runs(
    request: IngestRequest, names: Sequence[str], registry: SourceRegistry
) -> Iterator[IngestRequest]:
    main = registry.get(request.domain, request.source)
    others = list(dict.fromkeys(_filling(name, main, registry).name for name in names))
    companions = [registry.get(main.domain, name) for name in others if name != main.name]
    bounded = any(each.takes for each in (main, *companions))
    theirs = {name for each in companions for name in _parameters(each)} - _parameters(main)
    own = {name: value for name, value in request.options.items() if name not in theirs}
    yield replace(request, options=own, window=_window(request, main, bounded=bounded))
    for each in companions:
        known = _parameters(each)
        options = {name: value for name, value in request.options.items() if name in known}
        window = _window(request, each, bounded=bounded)
        yield replace(request, source=each.name, options=options, window=window)


def _window(request: IngestRequest, source: Source, *, bounded: bool) -> Window:
    """Where no source takes a window, the first of them says so."""
    return request.window if source.takes or not bounded else Window()


def _filling(table: str, main: Source, registry: SourceRegistry) -> Source:
    """The source of a table: the main one, or the first other of its domain."""
    others = [each for each in registry.all() if each.domain == main.domain]
    filled = {each.name: source for source in (*reversed(others), main) for each in source.tables}
    if table not in filled:
        raise NotFoundError(what=f"table of {main.domain}", name=table, known=filled)
    return filled[table]


def _parameters(source: Source) -> set[str]:
    return {parameter.name for parameter in source.parameters}
