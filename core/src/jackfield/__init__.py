"""Connectors for automation, written once and used everywhere.

For those who run modules: ``Host``. For those who write connectors: ``ConnectionType``, ``module``, ``Context`` and the
words of a form (``Text``, ``Number``...). For those who extend a host: ``hookimpl``, ``Operation``, ``Result``, events.

Names are loaded when they are first used: importing this package imports neither requests nor cattrs.
"""

import importlib
from typing import TYPE_CHECKING, Any

# The only place with TYPE_CHECKING: what follows is for type checkers and editors, and is loaded lazily at run time.
if TYPE_CHECKING:
    from jackfield._authorizers import Authorizer as Authorizer
    from jackfield._authorizers import header as header
    from jackfield._authorizers import headers_from as headers_from
    from jackfield._http.client import Answer as Answer
    from jackfield._http.client import Client as Client
    from jackfield._http.client import ServerSentEvent as ServerSentEvent
    from jackfield._http.limits import Cancellation as Cancellation
    from jackfield._http.limits import Deadline as Deadline
    from jackfield._http.limits import HttpSettings as HttpSettings
    from jackfield._http.rates import Allowance as Allowance
    from jackfield._http.rates import allowance_in as allowance_in
    from jackfield._http.segments import path_segment as path_segment
    from jackfield._http.turns import Limiter as Limiter
    from jackfield._http.uploading import FilePart as FilePart
    from jackfield._http.uploading import StreamBody as StreamBody
    from jackfield._processes import RunningProgram as RunningProgram
    from jackfield._watch import Watch as Watch
    from jackfield.budget import Budget as Budget
    from jackfield.connections import Connection as Connection
    from jackfield.connections import ConnectionCheck as ConnectionCheck
    from jackfield.connections import ConnectionSource as ConnectionSource
    from jackfield.connections import ConnectionStore as ConnectionStore
    from jackfield.connections import ConnectionType as ConnectionType
    from jackfield.connections import ConnectionView as ConnectionView
    from jackfield.connections import SavedConnection as SavedConnection
    from jackfield.connections import TokenStore as TokenStore
    from jackfield.error_json import error_from_json as error_from_json
    from jackfield.error_json import error_to_json as error_to_json
    from jackfield.errors import AnswerError as AnswerError
    from jackfield.errors import BrokenAnswerError as BrokenAnswerError
    from jackfield.errors import BudgetError as BudgetError
    from jackfield.errors import BusyError as BusyError
    from jackfield.errors import CredentialsError as CredentialsError
    from jackfield.errors import DeadlineError as DeadlineError
    from jackfield.errors import FileError as FileError
    from jackfield.errors import InputError as InputError
    from jackfield.errors import InvalidInputError as InvalidInputError
    from jackfield.errors import JackfieldError as JackfieldError
    from jackfield.errors import LimitError as LimitError
    from jackfield.errors import NoConnectionError as NoConnectionError
    from jackfield.errors import NotFoundError as NotFoundError
    from jackfield.errors import OperationCancelledError as OperationCancelledError
    from jackfield.errors import PermissionDeniedError as PermissionDeniedError
    from jackfield.errors import PluginError as PluginError
    from jackfield.errors import Problem as Problem
    from jackfield.errors import QuotaError as QuotaError
    from jackfield.errors import RefusedByPolicyError as RefusedByPolicyError
    from jackfield.errors import RefusedError as RefusedError
    from jackfield.errors import RemoteError as RemoteError
    from jackfield.errors import StoreError as StoreError
    from jackfield.errors import TransportError as TransportError
    from jackfield.errors import UnknownModuleError as UnknownModuleError
    from jackfield.errors import UnreachableError as UnreachableError
    from jackfield.errors import UnsafeRequestError as UnsafeRequestError
    from jackfield.fields import AnyValue as AnyValue
    from jackfield.fields import Array as Array
    from jackfield.fields import Boolean as Boolean
    from jackfield.fields import Choice as Choice
    from jackfield.fields import Collection as Collection
    from jackfield.fields import Date as Date
    from jackfield.fields import DateTime as DateTime
    from jackfield.fields import Dynamic as Dynamic
    from jackfield.fields import Field as Field
    from jackfield.fields import FromText as FromText
    from jackfield.fields import Integer as Integer
    from jackfield.fields import Json as Json
    from jackfield.fields import KeyValue as KeyValue
    from jackfield.fields import Number as Number
    from jackfield.fields import OneOf as OneOf
    from jackfield.fields import Password as Password
    from jackfield.fields import Rest as Rest
    from jackfield.fields import Select as Select
    from jackfield.fields import Text as Text
    from jackfield.fields import Time as Time
    from jackfield.fields import Upload as Upload
    from jackfield.fields import Url as Url
    from jackfield.fields import When as When
    from jackfield.fields import from_text as from_text
    from jackfield.files import File as File
    from jackfield.forms import Form as Form
    from jackfield.forms import Slot as Slot
    from jackfield.forms import named_field as named_field
    from jackfield.genai import GenAI as GenAI
    from jackfield.hookspecs import hookimpl as hookimpl
    from jackfield.host import ConnectorHandle as ConnectorHandle
    from jackfield.host import Host as Host
    from jackfield.host import ModuleHandle as ModuleHandle
    from jackfield.host import PluginProblem as PluginProblem
    from jackfield.host import Preview as Preview
    from jackfield.host import PreviewRequest as PreviewRequest
    from jackfield.host import Stream as Stream
    from jackfield.host import to_json as to_json
    from jackfield.integrity import FileFinding as FileFinding
    from jackfield.integrity import Verification as Verification
    from jackfield.integrity import verify_installed as verify_installed
    from jackfield.json_text import read_json as read_json
    from jackfield.meter import Meter as Meter
    from jackfield.meter import Tally as Tally
    from jackfield.modules import AnyModule as AnyModule
    from jackfield.modules import Context as Context
    from jackfield.modules import Effect as Effect
    from jackfield.modules import Kind as Kind
    from jackfield.modules import Module as Module
    from jackfield.modules import Sunset as Sunset
    from jackfield.modules import module as module
    from jackfield.oauth import AppTokens as AppTokens
    from jackfield.oauth import DeviceLogin as DeviceLogin
    from jackfield.oauth import Login as Login
    from jackfield.oauth import Loopback as Loopback
    from jackfield.oauth import OAuth2 as OAuth2
    from jackfield.oauth import Tokens as Tokens
    from jackfield.operations import AttemptStarted as AttemptStarted
    from jackfield.operations import Choices as Choices
    from jackfield.operations import Event as Event
    from jackfield.operations import Execution as Execution
    from jackfield.operations import Failure as Failure
    from jackfield.operations import Operation as Operation
    from jackfield.operations import OperationFinished as OperationFinished
    from jackfield.operations import OperationStarted as OperationStarted
    from jackfield.operations import PollFailed as PollFailed
    from jackfield.operations import Purpose as Purpose
    from jackfield.operations import Result as Result
    from jackfield.operations import RetryScheduled as RetryScheduled
    from jackfield.operations import RunOptions as RunOptions
    from jackfield.operations import TurnAwaited as TurnAwaited
    from jackfield.operations import WaitBegun as WaitBegun
    from jackfield.operations import WarningRaised as WarningRaised
    from jackfield.polls import NewItem as NewItem
    from jackfield.polls import Poll as Poll
    from jackfield.polls import WatchSettings as WatchSettings
    from jackfield.prices import Price as Price
    from jackfield.prices import PriceTable as PriceTable
    from jackfield.programs import Program as Program
    from jackfield.programs import ProgramSettings as ProgramSettings
    from jackfield.references import Reference as Reference
    from jackfield.secrets import Redactor as Redactor
    from jackfield.secrets import Secret as Secret
    from jackfield.settings import user_settings as user_settings
    from jackfield.showing import show as show
    from jackfield.storage import FileSettings as FileSettings
    from jackfield.storage import FileStore as FileStore
    from jackfield.tools import Tool as Tool
    from jackfield.tools import ToolAnswer as ToolAnswer
    from jackfield.tools import Toolbox as Toolbox
    from jackfield.tools import ToolCall as ToolCall
    from jackfield.translations import To as To
    from jackfield.translations import Translated as Translated
    from jackfield.translations import Translation as Translation
    from jackfield.translations import is_expression as is_expression
    from jackfield.translations import pairs as pairs
    from jackfield.translations import wrapped as wrapped
    from jackfield.triggers import Order as Order
    from jackfield.triggers import Trigger as Trigger
    from jackfield.usage import Money as Money
    from jackfield.usage import Usage as Usage
    from jackfield.user import KeptToken as KeptToken
    from jackfield.user import kept_token as kept_token
    from jackfield.user import user_data as user_data
    from jackfield.user import user_files as user_files
    from jackfield.user import user_host as user_host
    from jackfield.vault import Protection as Protection
    from jackfield.vault import Store as Store
    from jackfield.verdicts import Tier as Tier
    from jackfield.verdicts import Verdict as Verdict

_HOMES = {
    "_http.client": ("Answer", "Client", "ServerSentEvent"),
    "_http.limits": ("Cancellation", "Deadline", "HttpSettings"),
    "_http.rates": ("Allowance", "allowance_in"),
    "_http.turns": ("Limiter",),
    "_http.segments": ("path_segment",),
    "_http.uploading": ("FilePart", "StreamBody"),
    "_processes": ("RunningProgram",),
    "_watch": ("Watch",),
    "budget": ("Budget",),
    "_authorizers": ("Authorizer", "header", "headers_from"),
    "connections": (
        "Connection",
        "ConnectionCheck",
        "ConnectionSource",
        "ConnectionStore",
        "ConnectionType",
        "ConnectionView",
        "SavedConnection",
        "TokenStore",
    ),
    "error_json": ("error_from_json", "error_to_json"),
    "errors": (
        "AnswerError",
        "BrokenAnswerError",
        "BudgetError",
        "BusyError",
        "CredentialsError",
        "DeadlineError",
        "FileError",
        "InputError",
        "InvalidInputError",
        "JackfieldError",
        "LimitError",
        "NoConnectionError",
        "NotFoundError",
        "OperationCancelledError",
        "PermissionDeniedError",
        "PluginError",
        "Problem",
        "QuotaError",
        "RefusedByPolicyError",
        "RefusedError",
        "RemoteError",
        "StoreError",
        "TransportError",
        "UnknownModuleError",
        "UnreachableError",
        "UnsafeRequestError",
    ),
    "fields": (
        "AnyValue",
        "Array",
        "Boolean",
        "Choice",
        "Collection",
        "Date",
        "DateTime",
        "Dynamic",
        "Field",
        "FromText",
        "Integer",
        "Json",
        "KeyValue",
        "Number",
        "OneOf",
        "Password",
        "Rest",
        "Select",
        "Text",
        "Time",
        "Upload",
        "Url",
        "When",
        "from_text",
    ),
    "files": ("File",),
    "forms": ("Form", "Slot", "named_field"),
    "genai": ("GenAI",),
    "hookspecs": ("hookimpl",),
    "host": (
        "ConnectorHandle",
        "Host",
        "ModuleHandle",
        "PluginProblem",
        "Preview",
        "PreviewRequest",
        "Stream",
        "to_json",
    ),
    "integrity": ("FileFinding", "Verification", "verify_installed"),
    "json_text": ("read_json",),
    "meter": ("Meter", "Tally"),
    "modules": ("AnyModule", "Context", "Effect", "Kind", "Module", "Sunset", "module"),
    "oauth": ("AppTokens", "DeviceLogin", "Login", "Loopback", "OAuth2", "Tokens"),
    "operations": (
        "AttemptStarted",
        "Choices",
        "Event",
        "Execution",
        "Failure",
        "Operation",
        "OperationFinished",
        "OperationStarted",
        "PollFailed",
        "Purpose",
        "Result",
        "RetryScheduled",
        "RunOptions",
        "TurnAwaited",
        "WaitBegun",
        "WarningRaised",
    ),
    "polls": ("NewItem", "Poll", "WatchSettings"),
    "prices": ("Price", "PriceTable"),
    "programs": ("Program", "ProgramSettings"),
    "references": ("Reference",),
    "secrets": ("Redactor", "Secret"),
    "settings": ("user_settings",),
    "showing": ("show",),
    "storage": ("FileSettings", "FileStore"),
    "tools": ("Tool", "ToolAnswer", "Toolbox", "ToolCall"),
    "translations": ("To", "Translated", "Translation", "is_expression", "pairs", "wrapped"),
    "triggers": ("Order", "Trigger"),
    "usage": ("Money", "Usage"),
    "user": ("KeptToken", "kept_token", "user_data", "user_files", "user_host"),
    "vault": ("Protection", "Store"),
    "verdicts": ("Tier", "Verdict"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605  a list, which ruff cannot see


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_HOME_OF)
