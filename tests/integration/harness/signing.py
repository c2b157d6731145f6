"""AWS Signature Version 4, written down once more to check the programs' by."""

import datetime
import hashlib
import hmac
import re
import urllib.parse

ALGORITHM = "AWS4-HMAC-SHA256"


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def stamp(time):
    return time.strftime("%Y%m%dT%H%M%SZ")


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _canonical_query(query):
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    return "&".join(f"{_quote(name)}={_quote(value)}" for name, value in sorted(pairs))


def _quote(text):
    return urllib.parse.quote(text, safe="-_.~")


def signature(secret, scope, *, method, target, headers, signed, body, date):
    """The hexadecimal signature; `scope` is (day, region, service), `signed` names headers."""
    path, _, query = target.partition("?")
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
    canonical = "\n".join([method, urllib.parse.quote(path), _canonical_query(query), lines,
                           ";".join(signed), hashlib.sha256(body.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in (*scope, "aws4_request"):
        key = _hmac(key, part)
    text = "\n".join([ALGORITHM, date, "/".join([*scope, "aws4_request"]),
                      hashlib.sha256(canonical.encode()).hexdigest()])
    return _hmac(key, text).hex()


def sign(key, *, target, host, method="GET", body="", time=None, region="us-east-1",
         service="ecs", headers=None):
    """All headers of a signed request; `key` is (id, secret) or (id, secret, session token)."""
    date = stamp(time or now())
    all_headers = {"host": host, "x-amz-date": date, **(headers or {})}
    if len(key) > 2:
        all_headers["x-amz-security-token"] = key[2]
    signed = sorted(all_headers)
    scope = (date[:8], region, service)
    value = signature(key[1], scope, method=method, target=target, headers=all_headers,
                      signed=signed, body=body, date=date)
    credential = "/".join([key[0], *scope, "aws4_request"])
    return {**all_headers, "authorization": f"{ALGORITHM} Credential={credential}, "
            f"SignedHeaders={';'.join(signed)}, Signature={value}"}


def is_right(secret, *, target, headers, method="GET", body=""):
    """Whether the signature in `headers` (names in lower case) is that of this secret."""
    found = re.match(rf"{ALGORITHM} Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$",
                     headers["authorization"])
    assert found, headers["authorization"]
    _, day, region, service, _ = found[1].split("/")
    expected = signature(secret, (day, region, service), method=method, target=target,
                         headers=headers, signed=found[2].split(";"), body=body,
                         date=headers["x-amz-date"])
    return hmac.compare_digest(expected, found[3])
