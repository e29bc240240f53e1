"""Which names are names of secrets, as far as a name can tell: arguments, JSON members, environment variables."""

from __future__ import annotations

import functools
import re

_LONGEST = 100  # characters of a name that are looked at: the last ones, which say what it is
_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEYS = _words(
    "access account admin aes api auth cipher client crypto decrypt decryption deploy encrypt encryption gpg hmac jwt "
    "licence license master pgp private recovery rsa secret security session shared sign signature signing ssh ssl tls "
    "webhook"
)
_CODES = _words("access auth authorization backup mfa otp pass recovery security verification")
_SECRETS = _words(
    "auth authentication authorization bearer connectionstring connstr cookie cred credential csrf dsn jwt otp pass "
    "passphrase passwd password pw pwd secret token totp"
).union((f"{kind}key" for kind in _KEYS), (f"{kind}code" for kind in _CODES))
_ENDINGS = tuple(word for word in _SECRETS if len(word) >= 5)  # short ones end many an innocent word: "sacred"
# What may follow without changing what is meant: `password_hash` and `token_value` are as secret as `password`.
_NEUTRAL = _words(
    "again b base bytes confirm confirmation current data encoded encrypted env fallback hash header hex id json new "
    "old pem plain previous raw repeat repeated str string text value"
)
# What makes a number of it, as in `max_tokens`; and in `prompt_tokens`, though `prompt_password` is one.
_QUANTITIES = _words("count max min n num number total")
_OF_TEXTS = _words("completion input output prompt")
_TIMES = _words("by first high last low multi one per second single third two")  # the `second_pass`


def is_secret_name(name: str) -> bool:
    """Whether values of this name are secret, in any spelling: the last word says what it is, as in English.

    >>> [is_secret_name(name) for name in ("apiKey", "X-Auth-Token", "DB_PASS", "password2", "signing_key_pem")]
    [True, True, True, True, True]
    >>> [is_secret_name(name) for name in ("token_count", "max_tokens", "keyboard", "key", "password_length")]
    [False, False, False, False, False]
    """
    return _is_secret(name[-_LONGEST:])


@functools.lru_cache(4096)
def _is_secret(name: str) -> bool:
    words = [_singular(word) for word in _WORD.findall(_BORDER.sub("_", name).lower())]
    while words:
        if _names_secret(words):
            return (_QUANTITIES | _OF_TEXTS if words[-1] == "token" else _QUANTITIES).isdisjoint(words[:-1])
        if words.pop() not in _NEUTRAL:
            return False
    return False


def _names_secret(words: list[str]) -> bool:
    """Whether the last word is one, or the last two together are."""
    *before, last = words
    if last == "pass" and before and before[-1] in _TIMES:
        return False
    return last in _SECRETS or last.endswith(_ENDINGS) or (bool(before) and before[-1] + last in _SECRETS)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
