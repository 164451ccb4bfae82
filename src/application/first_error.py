"""Which of several errors to tell."""

from domain.errors import PipelineError


def first_error(group: BaseExceptionGroup[PipelineError]) -> PipelineError:
    """The first one of a group that holds nothing but PipelineErrors, however nested."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, PipelineError):
        raise error
    return error
