"""Keys that tests make, with the secrets that prove them."""

from pathlib import Path

from onstreet.access.key_file import KeyFile
from onstreet.access.keys import LIVE, Key, Keyring, Proof, SigningKey, new_proof, secret_hash
from onstreet.access.plans import STANDARD
from onstreet.access.scopes import Scope

NOW_S = 1_781_197_200  # 2026-06-11T17:00Z
READ = frozenset({Scope.READ})
SIGNING = SigningKey("a", b"1" * 32)


def made(prefix: str = LIVE, scopes: frozenset[Scope] = READ, plan: str = STANDARD, **stated) -> tuple[Key, Proof]:
    """A new key and what proves it."""
    proof = new_proof(prefix)
    key = Key(
        id=proof.id,
        name="someone",
        scopes=scopes,
        plan=plan,
        created_s=NOW_S,
        **{"secret_hash": secret_hash(proof), **stated},
    )
    return key, proof


def ring(*keys: Key) -> Keyring:
    """The keys with a signing key."""
    return Keyring({key.id: key for key in keys}, (SIGNING,))


def filed(path: Path, **stated) -> tuple[KeyFile, Proof]:
    """A file with a new key in it."""
    key, proof = made(**stated)
    KeyFile(path).add(key)
    return KeyFile(path), proof
