"""What a body is by its first bytes, where its label is missing or wrong (https://mimesniff.spec.whatwg.org)."""

from __future__ import annotations

import re

from mediawatch.errors import Reason
from mediawatch.models import Failure, Response

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
_BOX = re.compile(rb"RIFF....(WEBP|AVI |WAVE)|....ftyp", re.DOTALL)
_HEAD_BYTES = 1_024
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?xml[^>]*>|<!--.*?-->)*<(?:!doctype\s+html|html|head|body|title|meta|script|article|div|h1|p)\b",
    re.IGNORECASE | re.DOTALL,
)


def not_a_page(response: Response) -> Failure | None:
    """UNSUPPORTED_TYPE for what is no HTML whatever it is called, and for plain text that is not HTML in disguise."""
    body = response.body
    kind = media_type(body)
    if kind:
        return Failure(Reason.UNSUPPORTED_TYPE, f"{kind} by its first bytes", status=response.status)
    label = (response.header("Content-Type") or "").partition(";")[0].strip().lower()
    if label == "text/plain" and not _HTML.match(body[:_HEAD_BYTES]):
        return Failure(Reason.UNSUPPORTED_TYPE, label, status=response.status)
    return None


def media_type(body: bytes) -> str | None:
    """The media type of a document, picture, sound, film or archive that its first bytes give away; else None."""
    found = next((kind for signature, kind in _SIGNATURES if body.startswith(signature)), None)
    return found or ("a picture, sound or film" if _BOX.match(body) else None)
