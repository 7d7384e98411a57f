"""The bus's bytes, without I/O: frames of a 4-byte little-endian length and one msgpack message.

A connection begins with Auth from the client; until it is accepted nothing else is read. After that the client sends
Request, the server sends Reply and Publish. Lengths are bounded, so that a stranger cannot make a side allocate.
"""

from __future__ import annotations

import struct
from typing import TypeVar

import msgspec

from engine.contracts.commands import AnyCommand
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.events import AnyEvent

#: bytes; the largest frame either side accepts (a chart's bulk block is far below it)
MAX_FRAME = 64 << 20
#: bytes; before a connection is authenticated
MAX_AUTH_FRAME = 4096
T = TypeVar("T")
_LENGTH = struct.Struct("<I")


class Auth(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    token: str
    client: str


class Welcome(msgspec.Struct, frozen=True, array_like=True, tag="w"):
    pid: int


class Request(msgspec.Struct, frozen=True, array_like=True, tag="q"):
    id: int
    command: AnyCommand


class Reply(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """body: msgpack of the command's reply type."""

    id: int
    body: msgspec.Raw


class Failure(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """A PyroError on its way back; id 0 concerns the connection itself."""

    id: int
    kind: str
    what: str
    where: str
    fix: str


class Publish(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    """seq counts the events of one topic from 1, the same for all clients."""

    topic: str
    seq: int
    event: AnyEvent


FromClient = Auth | Request
FromServer = Welcome | Reply | Failure | Publish

_encoder = msgspec.msgpack.Encoder()
_from_client = msgspec.msgpack.Decoder(FromClient)
_from_server = msgspec.msgpack.Decoder(FromServer)
_KINDS: dict[str, type[PyroError]] = {"BadInput": BadInput, "Cancelled": Cancelled, "PyroError": PyroError}


def pack(message: object) -> bytearray:
    """One frame, ready to be written."""
    frame = bytearray(_LENGTH.size)
    _encoder.encode_into(message, frame, _LENGTH.size)
    _LENGTH.pack_into(frame, 0, len(frame) - _LENGTH.size)
    return frame


def encode_body(reply: object) -> msgspec.Raw:
    """The body of a Reply."""
    return msgspec.Raw(_encoder.encode(reply))


def from_client(body: bytes) -> FromClient:
    """Decode; msgspec.DecodeError when it is not one of ours."""
    return _decode(_from_client, body)


def from_server(body: bytes) -> FromServer:
    """Decode; msgspec.DecodeError when it is not one of ours."""
    return _decode(_from_server, body)


def _decode(decoder: msgspec.msgpack.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except UnicodeDecodeError as error:
        # msgspec lets this one through for a tag that is not UTF-8
        raise msgspec.DecodeError(str(error)) from error


def failure(request_id: int, error: PyroError) -> Failure:
    """A PyroError as a message."""
    kind = next((name for name, cls in _KINDS.items() if isinstance(error, cls)), "PyroError")
    return Failure(request_id, kind, error.what, error.where, error.fix)


def as_error(message: Failure) -> PyroError:
    """The PyroError that a Failure carries."""
    return _KINDS.get(message.kind, PyroError)(message.what, where=message.where, fix=message.fix)


class FrameReader:
    """Bytes in, frame bodies out; the tail of an unfinished frame is kept.

    limit: bytes a frame may have; a longer one raises PyroError and the connection must be closed.
    """

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self.limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        frames: list[bytes] = []
        start = 0
        while len(self._buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, start)
            if length > self.limit:
                raise PyroError(f"a frame of {length} bytes is larger than the {self.limit} allowed")
            end = start + _LENGTH.size + length
            if len(self._buffer) < end:
                break
            frames.append(bytes(memoryview(self._buffer)[start + _LENGTH.size : end]))
            start = end
        if start:
            del self._buffer[:start]
        return frames
