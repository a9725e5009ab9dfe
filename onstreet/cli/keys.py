"""`onstreet keys`: who may ask, in the file that ONSTREET_KEYS names."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from onstreet.access.key_file import KeyFile, KeyFileError
from onstreet.access.keys import DEMO, LIVE, Key, Proof, new_proof, new_secret, new_signing_key, secret_hash
from onstreet.access.plans import ADDRESS, FAILED, OPEN, PERIODS_S, STANDARD
from onstreet.access.plans import DEMO as DEMO_PLAN
from onstreet.access.scopes import Scope, format_scopes
from onstreet.cli.serve import stated_settings
from onstreet.settings import Settings

_NOT_FOR_KEYS = {ADDRESS, FAILED, OPEN}
_SCOPES = click.Choice([scope.value for scope in Scope])


@click.group()
def keys() -> None:
    """Make, list, end and change keys in the file that ONSTREET_KEYS names; a server notices at once."""


@keys.command(epilog="Example: onstreet keys create 'City of Ghent' --plan standard --expires 2027-07-01")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=_SCOPES, help="What it may do; READ, unless stated.")
@click.option("--plan", help="How often it may ask, by the name of a plan in ONSTREET_PLANS; standard, or demo.")
@click.option("--demo", is_flag=True, help="A key to show around: its id says so, and its plan is demo.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The day, in UTC, from which on it does not hold.")
def create(name: str, scopes: Sequence[str], plan: str | None, demo: bool, expires: datetime | None) -> None:
    """Make a key for NAME, and print its id and secret; the secret is never shown again."""
    if not (name.strip() and name.isprintable() and len(name) <= 100):
        raise click.UsageError("a name is expected, of 1 to 100 characters that can be printed")
    with _key_file() as (file, settings):
        now_s, proof = int(time.time()), new_proof(DEMO if demo else LIVE)
        expires_s = int(expires.replace(tzinfo=UTC).timestamp()) if expires else None
        if expires_s is not None and expires_s <= now_s:
            raise click.UsageError("--expires is in the past")
        file.add(
            Key(
                id=proof.id,
                name=name,
                scopes=frozenset(map(Scope, scopes)) or frozenset({Scope.READ}),
                plan=_plan(settings, plan or (DEMO_PLAN if demo else STANDARD)),
                created_s=now_s,
                secret_hash=secret_hash(proof),
                expires_s=expires_s,
            )
        )
    _show(proof)


@keys.command("list", epilog="Example: onstreet keys list")
def list_keys() -> None:
    """Print all keys: id, scopes, plan, since when, whether they hold and until when, and for whom."""
    with _key_file() as (file, _):
        now_s = time.time()
        rows = [
            (each.id, format_scopes(each.scopes), each.plan, _day(each.created_s), _state(each, now_s), each.name)
            for each in file.ring().keys.values()
        ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


@keys.command(epilog="Example: onstreet keys revoke os_live_c4mffxv5q6kdiyoz")
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """End the key ID, and all its tokens, at once."""
    with _key_file() as (file, _):
        file.revoke(key_id, int(time.time()))


@keys.command(epilog="Example: onstreet keys rotate os_live_c4mffxv5q6kdiyoz --grace 7d")
@click.argument("key_id", metavar="ID")
@click.option("--grace", default="24h", show_default=True, help="How long the former secret holds: 0s, 30min, 24h, 7d.")
def rotate(key_id: str, grace: str) -> None:
    """Give the key ID a new secret, and print it; the former one holds until the grace ends."""
    with _key_file() as (file, _):
        proof = Proof(key_id, new_secret())
        file.rotate(key_id, secret_hash(proof), int(time.time()) + _span_s(grace))
    _show(proof)


@keys.command("rotate-signing", epilog="Example: onstreet keys rotate-signing")
def rotate_signing() -> None:
    """Sign tokens with a new key from now on; those of the former key hold until they expire."""
    with _key_file() as (file, _):
        file.rotate_signing(new_signing_key(), int(time.time()))


@contextmanager
def _key_file() -> Iterator[tuple[KeyFile, Settings]]:
    settings = stated_settings()
    if settings.keys is None:
        raise click.ClickException("ONSTREET_KEYS names no file of keys: ONSTREET_KEYS=keys.sqlite onstreet keys ...")
    try:
        yield KeyFile(settings.keys), settings
    except KeyFileError as error:
        raise click.ClickException(str(error)) from None


def _plan(settings: Settings, name: str) -> str:
    names = [plan.name for plan in settings.plans if plan.name not in _NOT_FOR_KEYS]
    if name not in names:
        raise click.UsageError(f"--plan: ONSTREET_PLANS has no {name!r} for keys, but {', '.join(names)}")
    return name


def _span_s(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,6})(s|min|h|d)", text)
    if match is None:
        raise click.UsageError(f"--grace: a number of s, min, h or d is expected, such as 24h, not {text!r}")
    return int(match[1]) * PERIODS_S[match[2]]


def _show(proof: Proof) -> None:
    click.echo(f"id      {proof.id}\nsecret  {proof.secret}")


def _state(key: Key, now_s: float) -> str:
    return key.ended(now_s) or (f"until {_day(key.expires_s)}" if key.expires_s else "holds")


def _day(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d")
