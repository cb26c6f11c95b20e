"""Every way in which a request can go wrong, as a Reason."""

from __future__ import annotations

import asyncio
import ssl

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError

from mediawatch.errors import Reason
from mediawatch.models import Failure
from mediawatch.web.guard import BlockedAddress

NETWORK_ERRORS = (aiohttp.ClientError, HttpProcessingError, asyncio.TimeoutError, OSError, BlockedAddress)
"""What a request raises for reasons that lie outside this process; anything else is a bug."""

# In this order: aiohttp's classes are subclasses of one another, of OSError and of ValueError.
_REASONS: tuple[tuple[type[BaseException], Reason], ...] = (
    (BlockedAddress, Reason.BLOCKED_ADDRESS),
    (asyncio.TimeoutError, Reason.TIMEOUT),
    (TimeoutError, Reason.TIMEOUT),
    (aiohttp.InvalidURL, Reason.BAD_URL),
    (aiohttp.NonHttpUrlClientError, Reason.BAD_URL),
    (aiohttp.ClientConnectorDNSError, Reason.DNS),
    (aiohttp.ClientSSLError, Reason.TLS),
    (ssl.SSLError, Reason.TLS),
    (aiohttp.ClientPayloadError, Reason.CONNECTION),
    (aiohttp.ClientResponseError, Reason.BAD_RESPONSE),
    (HttpProcessingError, Reason.BAD_RESPONSE),
    (OSError, Reason.CONNECTION),
    (aiohttp.ClientConnectionError, Reason.CONNECTION),
)


def failure_of(error: BaseException) -> Failure:
    """The Failure for a network error. A body that breaks its content encoding is a bad answer, one cut off is not."""
    if isinstance(error, aiohttp.ClientPayloadError) and isinstance(error.__cause__, ContentEncodingError):
        reason = Reason.BAD_RESPONSE
    else:
        reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), Reason.BAD_RESPONSE)
    return Failure(reason, f"{type(error).__name__}: {error}"[:300])


def failure_of_status(status: int) -> Failure:
    """The Failure for a status that carries no page."""
    exact = {404: Reason.NOT_FOUND, 410: Reason.GONE, 429: Reason.RATE_LIMITED}
    by_class = {3: Reason.REDIRECTS, 4: Reason.REFUSED, 5: Reason.SERVER_ERROR}
    return Failure(
        exact.get(status) or by_class.get(status // 100, Reason.BAD_RESPONSE), f"HTTP {status}", status=status
    )
