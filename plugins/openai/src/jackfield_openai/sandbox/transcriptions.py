"""What the stand-in answers at /audio/transcriptions and /audio/translations: it reads the remark in a file.

Names, types and bounds, and what each model takes: openai-python 3.57.0 and OpenAI's specification of 2026-08-21.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jackfield_openai.recordings import EXTENSIONS, MAX_AUDIO_BYTES
from jackfield_openai.sandbox.checks import Check, array, boolean, choice, either, integer, number, record, text
from jackfield_openai.sandbox.form_values import values_of
from jackfield_openai.sandbox.multipart import Part
from jackfield_openai.sandbox.replies import RefusalError, Reply, Stream
from jackfield_openai.sandbox.requests import Request
from jackfield_openai.sandbox.sampling_rules import refuse
from jackfield_openai.sandbox.sounds import duration_of, heard_in, parts_of
from jackfield_openai.sandbox.words import logprobs_of, tokens_of
from jackfield_openai.sound_heads import read_sound_head

__all__ = ["SOUNDS", "check_recording", "written_down"]

_TASKS = {"transcriptions": "transcribe", "translations": "translate"}
SOUNDS = tuple(_TASKS)

_WHISPER, _DIARIZE, _NEWEST = "whisper-1", "gpt-4o-transcribe-diarize", "gpt-transcribe"
_BY_TOKENS = "gpt-4o-"
_FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
_TAKEN: Mapping[str, Sequence[str]] = {_DIARIZE: ("json", "text", "diarized_json"), _WHISPER: _FORMATS}
_TRANSLATION: Mapping[str, Check] = {
    "prompt": text(),
    "response_format": choice(*_FORMATS),
    "temperature": number(0, 1),
}
_VAD = record(
    {"type": choice("server_vad")},
    {"prefix_padding_ms": integer(0), "silence_duration_ms": integer(0), "threshold": number(0, 1)},
)
_CHECKS = {
    "translations": record({"model": text()}, _TRANSLATION),
    "transcriptions": record(
        {"model": text()},
        {
            **_TRANSLATION,
            "chunking_strategy": either({str: choice("auto"), dict: _VAD}),
            "include": array(choice("logprobs"), 1),
            "keywords": array(text(), 1),
            "known_speaker_names": array(text(), 1, 4),
            "known_speaker_references": array(text(), 1, 4),
            "language": text(),
            "languages": array(text(), 1),
            "response_format": choice(*_FORMATS, "diarized_json"),
            "stream": boolean,
            "timestamp_granularities": array(choice("word", "segment"), 1, 2),
        },
    ),
}
_ONLY: Mapping[str, Callable[[str], bool]] = {
    "include": lambda model: model not in (_DIARIZE, _WHISPER),
    "keywords": lambda model: model not in _TAKEN and not model.startswith(_BY_TOKENS),
    "languages": lambda model: model not in _TAKEN and not model.startswith(_BY_TOKENS),
    "prompt": lambda model: model != _DIARIZE,
    "timestamp_granularities": lambda model: model != _DIARIZE,
}
"""Which models take a parameter; of one that nobody knows any."""


def written_down(request: Request, action: str) -> Reply | Stream:
    """Write down what a request holds.

    Raises:
        RefusalError: OpenAI would refuse the request.
    """
    values, data = check_recording(request.parts(), action)
    said = heard_in(data)
    kind = values.get("response_format", "json")
    if values.get("stream") and values["model"] != _WHISPER:
        return Stream(events=_events(said, values, data), named=True)
    if kind in ("srt", "text", "vtt"):
        return Reply(media_type="text/plain; charset=utf-8", body=_as_text(said, kind, duration_of(data)).encode())
    return Reply.json(_as_json(said, values, data, action))


def check_recording(parts: Sequence[Part], action: str) -> tuple[dict[str, Any], bytes]:
    """Check a form; give its values, and the recording.

    Raises:
        RefusalError: OpenAI would refuse it.
    """
    files = [part for part in parts if part.name == "file"]
    values = values_of([part for part in parts if part.name != "file"])
    _CHECKS[action](values, "")
    if len(files) != 1 or files[0].file_name is None:
        message = "Missing required parameter: 'file'."
        raise RefusalError(message, code="missing_required_parameter", param="file")
    _check_file(files[0])
    _check_model(values)
    return values, files[0].data


def _check_file(part: Part) -> None:
    if len(part.data) > MAX_AUDIO_BYTES:
        message = f"Maximum content size limit ({MAX_AUDIO_BYTES}) exceeded ({len(part.data)} bytes read)"
        raise RefusalError(message, status=413)
    if (part.file_name or "").rpartition(".")[2].lower() not in EXTENSIONS:
        refuse("file", f"Invalid file format. Supported formats: {sorted(EXTENSIONS)}")
    if read_sound_head(part.data) is None:
        refuse("file", "Audio file might be corrupted or unsupported")


def _check_model(values: Mapping[str, Any]) -> None:
    model, kind = values["model"], values.get("response_format", "json")
    taken = _TAKEN.get(model, ("json",) if model.startswith(_BY_TOKENS) else (*_FORMATS, "diarized_json"))
    if kind not in taken:
        message = f"response_format '{kind}' is not compatible with model '{model}'. Use one of {', '.join(taken)}."
        raise RefusalError(message, code="unsupported_value", param="response_format")
    for name, takes in _ONLY.items():
        if name in values and not takes(model):
            message = f"'{name}' is not supported with the model '{model}'."
            raise RefusalError(message, code="unsupported_parameter", param=name)
    if "timestamp_granularities" in values and kind != "verbose_json":
        refuse("timestamp_granularities", "'timestamp_granularities' needs response_format 'verbose_json'.")
    if len(values.get("known_speaker_names", ())) != len(values.get("known_speaker_references", ())):
        refuse("known_speaker_names", "Each known speaker needs a name and a reference.")


def _as_text(said: str, kind: str, duration_s: float) -> str:
    if kind == "text":
        return f"{said}\n"
    mark, lead = (",", "1\n") if kind == "srt" else (".", "WEBVTT\n\n")
    minutes, seconds = divmod(duration_s, 60)
    end = f"{int(minutes) // 60:02}:{int(minutes) % 60:02}:{seconds:06.3f}".replace(".", mark)
    return f"{lead}00:00:00{mark}000 --> {end}\n{said}\n\n"


def _as_json(said: str, values: Mapping[str, Any], data: bytes, action: str) -> dict[str, Any]:
    kind, duration_s = values.get("response_format", "json"), duration_of(data)
    if kind == "diarized_json":
        told = {"task": "transcribe", "duration": duration_s, "text": said, "segments": _spoken(said, values, data)}
    elif kind == "verbose_json":
        told = {"language": "english", "duration": duration_s, "text": said, **_timed(said, values, duration_s)}
        told["task"] = _TASKS[action]
    else:
        told = {"text": said}
        told |= {"logprobs": _logprobs(said)} if "include" in values else {}
    return {**told, **({"usage": _usage(said, values, duration_s)} if action == "transcriptions" else {})}


def _timed(said: str, values: Mapping[str, Any], duration_s: float) -> dict[str, Any]:
    wanted = values.get("timestamp_granularities", ["segment"])
    segment = {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": duration_s,
        "text": said,
        "tokens": [*range(len(tokens_of(said)))],
        "temperature": values.get("temperature", 0.0),
        "avg_logprob": -0.25,
        "compression_ratio": 1.0,
        "no_speech_prob": 0.01,
    }
    words = [{"word": word.strip(), "start": start, "end": end} for word, start, end in parts_of(said, duration_s)]
    return {
        **({"segments": [segment]} if "segment" in wanted else {}),
        **({"words": words} if "word" in wanted else {}),
    }


def _spoken(said: str, values: Mapping[str, Any], data: bytes) -> list[dict[str, Any]]:
    """Have one speaker say it all: the first that is known."""
    speaker = values.get("known_speaker_names", ["A"])[0]
    segment = {"id": "seg_0", "start": 0.0, "end": duration_of(data), "speaker": speaker, "text": said}
    return [{"type": "transcript.text.segment", **segment}]


def _logprobs(said: str) -> list[dict[str, Any]]:
    told = logprobs_of(said, 0)["content"]
    return [{name: entry[name] for name in ("token", "logprob", "bytes")} for entry in told]


def _usage(said: str, values: Mapping[str, Any], duration_s: float) -> dict[str, Any]:
    """Count tokens for the models that are paid so, seconds for the others."""
    if values["model"] == _WHISPER:
        return {"type": "duration", "seconds": float(-(-duration_s // 1))}
    heard, given, made = round(duration_s * 10), len(tokens_of(values.get("prompt", ""))), len(tokens_of(said))
    return {
        "type": "tokens",
        "input_tokens": heard + given,
        "input_token_details": {"audio_tokens": heard, "text_tokens": given},
        "output_tokens": made,
        "total_tokens": heard + given + made,
    }


def _events(said: str, values: Mapping[str, Any], data: bytes) -> Iterator[dict[str, Any]]:
    likely = _logprobs(said) if "include" in values else []
    for place, token in enumerate(tokens_of(said)):
        own = {"logprobs": [likely[place]]} if likely else {}
        yield {"type": "transcript.text.delta", "delta": token, **own}
    if values.get("response_format") == "diarized_json":
        yield from _spoken(said, values, data)
    done = {"text": said, "usage": _usage(said, values, duration_of(data))}
    yield {"type": "transcript.text.done", **done, **({"logprobs": likely} if likely else {})}
