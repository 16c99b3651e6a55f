"""Bytes with a digest of them in front, so that what was cut off or changed on a disk is seen when it is read again."""

import hashlib

_DIGEST_BYTES = 32


def sealed(content: bytes) -> bytes:
    """The content behind its SHA-256."""
    return hashlib.sha256(content).digest() + content


def unsealed(file: bytes) -> bytes | None:
    """The content of what `sealed` gave; None where it is not whole.

    Example:
        >>> unsealed(sealed(b"a program")), unsealed(sealed(b"a program")[:-1]), unsealed(b"")
        (b'a program', None, None)
    """
    digest, content = file[:_DIGEST_BYTES], file[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None
