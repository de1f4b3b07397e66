"""Telling plugins that an operation begins, and that it ends."""

import time

from jackfield._engine.execution import Emit
from jackfield.operations import Execution, Operation, OperationFinished, OperationStarted


def started_event(operation: Operation) -> OperationStarted:
    """Make the event that says that an operation begins."""
    return OperationStarted(
        operation_id=operation.id,
        module_id=operation.module_id,
        purpose=operation.purpose,
        connection=operation.connection.name if operation.connection else "",
        confidential=operation.confidential,
    )


def told(operation: Operation, execution: Execution, emit: Emit) -> Execution:
    """Give the same run with an event at its start and at its end."""
    emit(started_event(operation))
    begin = time.monotonic()
    result, failure = None, ""
    try:
        result = yield from execution
    except GeneratorExit:
        failure = "closed"
        raise
    except BaseException as error:
        failure = type(error).__name__
        raise
    else:
        return result
    finally:
        finished = OperationFinished(
            operation_id=operation.id,
            module_id=operation.module_id,
            duration_s=time.monotonic() - begin,
            attempts=result.attempts if result else 0,
            error=failure,
            request_id=result.request_id if result else "",
        )
        emit(finished)
