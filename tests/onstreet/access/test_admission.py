"""Who is let in: credentials, scopes, addresses and rates, and what the refused are told."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from hmac import compare_digest

import pytest
from rings import NOW_S, SIGNING, made, ring

from onstreet.access import keys
from onstreet.access.keys import DEMO, Keyring, Proof, SigningKey, hash_token, new_secret, secret_hash
from onstreet.access.plans import read_plans
from onstreet.access.scopes import Scope
from onstreet.access.tokens import Token, sign
from onstreet.api import create_app
from onstreet.api.access import OPEN_PATHS
from onstreet.settings import Settings

NOW = datetime.fromtimestamp(NOW_S, UTC)
QUESTION = "/blocks?id=46502752&outputfields=name"
WRITE = frozenset({Scope.WRITE})

READER, READER_PROOF = made()
WRITER, WRITER_PROOF = made(scopes=WRITE)
REVOKED, REVOKED_PROOF = made(revoked_s=NOW_S - 1)
EXPIRED, EXPIRED_PROOF = made(expires_s=NOW_S)
ENDING, ENDING_PROOF = made(expires_s=NOW_S + 60)
SLOW, SLOW_PROOF = made(plan="slow")
KEYS = {"reader": READER, "writer": WRITER, "revoked": REVOKED, "expired": EXPIRED, "ending": ENDING, "slow": SLOW}
PLANS = "slow=read:1/h:3,write:1/h:3 failed=read:1/min:3,write:1/min:3 address=read:1/min:5,write:1/min:5"


@dataclass
class Service:
    """An application whose clock and keys a test may change."""

    store: object
    keys: Keyring = field(default_factory=lambda: ring(*KEYS.values()))
    now: datetime = NOW
    settings: Settings = field(default_factory=lambda: Settings(keys="of the test", plans=read_plans("")))

    def __post_init__(self) -> None:
        self.app = create_app(self.settings, lambda: self.store, lambda: self.now, lambda: self.keys)

    def get(self, url=QUESTION, address="203.0.113.7", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().get(url, headers=named, environ_base={"REMOTE_ADDR": address})

    def token(self, proof: Proof) -> str:
        answer = self.get(f"/appToken?appId={proof.id}&hashToken={hash_token(*proof)}")
        return answer.json["result"]["token"]


@pytest.fixture
def service(store):
    return Service(store)


def pair(proof: Proof) -> dict[str, str]:
    return {"X_API_Key": proof.id, "X_API_Secret": proof.secret}


def token(key=READER, scopes=None, seconds: int = 60, signing: SigningKey = SIGNING) -> str:
    return sign(Token(key.id, key.scopes if scopes is None else scopes, NOW_S + seconds), signing, NOW_S)


GOOD = token()
OTHER = token(ENDING)
NOT_OURS = token(signing=SigningKey("a", b"2" * 32))
STRANGE = "the token is not one of this service"
WRONG = "the key is not known, or its secret is wrong"
HALF = "the headers X-API-Key and X-API-Secret are read together only, and one is missing"

# What is sent; the status, and how the message begins.
CREDENTIALS = [
    ("", {}, 401, "a credential is needed: a token from /appToken, as 'accesstoken' in the address"),
    (f"&accesstoken={GOOD}", {}, 200, ""),
    (f"&accessToken={GOOD}", {}, 200, ""),
    (f"&access%74oken={GOOD}", {}, 200, ""),
    (f"&accesstoken={GOOD.replace('.', '%2E')}", {}, 200, ""),
    ("", {"Authorization": f"Bearer {GOOD}"}, 200, ""),
    ("", {"Authorization": f"bearer  {GOOD}"}, 200, ""),
    ("", pair(READER_PROOF), 200, ""),
    (f"&accesstoken={GOOD}", {"Authorization": "Bearer "}, 200, ""),
    (f"&accesstoken={GOOD}", {"Authorization": "Bearer"}, 200, ""),
    (f"&accesstoken={GOOD}", {"Authorization": f"Bearer {GOOD}"}, 200, ""),
    ("&accesstoken=", {}, 401, "a credential is needed"),
    (f"&accesstoken={GOOD}", {"Authorization": f"Bearer {OTHER}"}, 400, "two different credentials"),
    (f"&accesstoken={GOOD}&accessToken={OTHER}", {}, 400, "two different credentials"),
    (f"&accesstoken={GOOD}", pair(READER_PROOF), 400, "two different credentials"),
    (f"&accesstoken={GOOD}&accesstoken={GOOD}", {}, 400, "'accesstoken' is given twice"),
    ("&accesstoken=YOURACCESSTOKEN", {}, 401, STRANGE),
    (f"&accesstoken={NOT_OURS}", {}, 401, STRANGE),
    (f"&accesstoken={token(seconds=0)}", {}, 401, "the token has expired: get a new one from /appToken"),
    (f"&accesstoken={token(REVOKED)}", {}, 401, f"key {REVOKED.id} is revoked"),
    (f"&accesstoken={token(EXPIRED)}", {}, 401, f"key {EXPIRED.id} is expired"),
    (f"&accesstoken={token(made()[0])}", {}, 401, "the key of this token is gone"),
    ("", {"Authorization": "Basic dTpw"}, 401, "the header Authorization is read as 'Bearer TOKEN' only"),
    ("", {"Authorization": GOOD}, 401, "the header Authorization is read as 'Bearer TOKEN' only"),
    ("", {"X_API_Key": READER.id}, 401, HALF),
    ("", {"X_API_Secret": READER_PROOF.secret}, 401, HALF),
    ("", pair(READER_PROOF._replace(secret=WRITER_PROOF.secret)), 401, WRONG),
    ("", pair(READER_PROOF._replace(id="os_live_nobody")), 401, WRONG),
    ("", pair(READER_PROOF._replace(secret="é" * 9)), 401, WRONG),
    ("", pair(REVOKED_PROOF), 401, f"key {REVOKED.id} is revoked"),
    ("", pair(REVOKED_PROOF._replace(secret="x")), 401, WRONG),
    ("", pair(EXPIRED_PROOF), 401, f"key {EXPIRED.id} is expired"),
    ("", pair(ENDING_PROOF), 200, ""),
    ("", pair(WRITER_PROOF), 403, f"this needs the scope READ, and key {WRITER.id} has WRITE"),
    (f"&accesstoken={token(WRITER)}", {}, 403, f"this needs the scope READ, and key {WRITER.id} has WRITE"),
    (f"&accesstoken={token(scopes=frozenset())}", {}, 403, "this needs the scope READ"),
    (f"&accesstoken={token(scopes=WRITE)}", {}, 403, "this needs the scope READ"),
]
CODES = {400: "invalid_parameter", 401: "unauthorized", 403: "forbidden"}


@pytest.mark.parametrize("query, headers, status, message", CREDENTIALS, ids=range(len(CREDENTIALS)))
def test_credentials(service, query, headers, status, message):
    answer = service.get(QUESTION + query, **headers)
    assert answer.status_code == status
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    if status == 200:
        assert answer.json == {"result": [{"blockID": "46502752", "name": "10th Street"}]}
    else:
        error = answer.json["error"]
        assert (error["code"], error["message"].startswith(message)) == (CODES[status], True), error["message"]
        assert error["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "path, status", [(path, {200, 308, 400, 404}) for path in sorted(OPEN_PATHS)] + [("/quote", {401})]
)
def test_open_paths_need_no_credential_but_check_one(service, path, status):
    assert service.get(path).status_code in status
    assert service.get(path, Authorization="Bearer wrong").status_code == 401


def test_preflights_and_unknown_paths(service):
    options = service.app.test_client().options("/blocks", environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert options.status_code == 204
    assert service.get("/nowhere").status_code == 401
    assert service.get("/nowhere", **pair(READER_PROOF)).status_code == 404
    assert service.get("/blocks/", **pair(READER_PROOF)).status_code == 404


def test_a_challenge_says_whether_something_was_sent(service):
    assert service.get().headers["WWW-Authenticate"] == 'Bearer realm="onstreet"'
    wrong = service.get(Authorization="Bearer wrong")
    assert wrong.headers["WWW-Authenticate"] == 'Bearer realm="onstreet", error="invalid_token"'


def test_a_token_as_the_published_service_gives_it(service):
    hashed = sha1(f"{READER_PROOF.id}|{READER_PROOF.secret}".lower().encode()).hexdigest()
    answer = service.get(f"/appToken?appId={READER.id}&hashToken={hashed}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json) == {"versionNumber", "createdDate", "responseId", "result"}
    assert answer.json["createdDate"] == "2026-06-11T17:00:00Z"
    assert answer.json["result"]["expiry"] == "2026-06-11T18:00:00Z"
    assert service.get(f"{QUESTION}&accesstoken={answer.json['result']['token']}").status_code == 200
    assert service.get(f"/appToken?appId={READER.id}&hashToken={hashed.upper()}").status_code == 200


@pytest.mark.parametrize("proof", [READER_PROOF, ("os_live_nobody", "x"), (READER.id, "x"), (REVOKED.id, "x")])
def test_whoever_it_is_two_hashes_are_compared(service, monkeypatch, proof):
    compared = []
    monkeypatch.setattr(keys, "compare_digest", lambda *both: compared.append(both) or compare_digest(*both))
    service.get(**pair(Proof(*proof)))
    service.get(f"/appToken?appId={proof[0]}&hashToken={hash_token(*proof)}")
    assert len(compared) == 4


REFUSED_TOKENS = [
    (f"appId={READER.id}&hashToken={'0' * 40}", 401, WRONG),
    (f"appId=os_live_nobody&hashToken={hash_token(*READER_PROOF)}", 401, WRONG),
    (f"appId={READER.id}&hashToken={READER_PROOF.secret}", 401, WRONG),
    (f"appId={REVOKED.id}&hashToken={hash_token(*REVOKED_PROOF)}", 401, f"key {REVOKED.id} is revoked"),
    (f"appId={EXPIRED.id}&hashToken={hash_token(*EXPIRED_PROOF)}", 401, f"key {EXPIRED.id} is expired"),
    (f"appId={READER.id}", 400, "'hashToken' is expected once: the SHA-1 of 'appId|appKey' in lower case"),
    (f"hashToken={'0' * 40}", 400, "'appId' is expected once: the id of a key"),
    (f"appId=a&appId=b&hashToken={'0' * 40}", 400, "'appId' is expected once"),
    (f"appId=a&hashToken={'0' * 40}&appKey={READER_PROOF.secret}", 400, "unknown parameter 'appKey'"),
]


@pytest.mark.parametrize("query, status, message", REFUSED_TOKENS)
def test_tokens_are_refused(service, query, status, message):
    answer = service.get(f"/appToken?{query}")
    assert (answer.status_code, answer.json["error"]["code"]) == (status, CODES[status])
    assert answer.json["error"]["message"].startswith(message)
    assert READER_PROOF.secret not in answer.text


def test_a_token_ends_with_its_life_or_its_key(service):
    long, short = service.token(READER_PROOF), service.token(ENDING_PROOF)
    seen = []
    for seconds in (-86_400, 59, 60, 3_599, 3_600):
        service.now = NOW + timedelta(seconds=seconds)
        seen.append([service.get(f"{QUESTION}&accesstoken={each}").status_code for each in (long, short)])
    assert seen == [[200, 200], [200, 200], [200, 401], [200, 401], [401, 401]]


def test_a_revoked_key_ends_at_once_also_where_it_was_known(service):
    known = service.token(READER_PROOF)
    asks = [{"Authorization": f"Bearer {known}"}, pair(READER_PROOF)]
    assert [service.get(**each).status_code for each in asks] == [200, 200]
    service.keys = ring(replace(READER, revoked_s=NOW_S))
    assert [service.get(**each).status_code for each in asks] == [401, 401]


def test_a_former_secret_that_is_known_ends_with_the_grace(service):
    second = READER_PROOF._replace(secret=new_secret())
    changed = {"former_hash": READER.secret_hash, "former_until_s": NOW_S + 60, "secret_hash": secret_hash(second)}
    service.keys = ring(replace(READER, **changed))
    seen = []
    for seconds in (0, 59, 60):
        service.now = NOW + timedelta(seconds=seconds)
        seen.append([service.get(**pair(each)).status_code for each in (READER_PROOF, second)])
    assert seen == [[200, 200], [200, 200], [401, 200]]


def test_what_holds_is_checked_once(service, monkeypatch):
    from onstreet.access import gate

    read = []
    monkeypatch.setattr(
        gate, "read_token", lambda *asked: read.append(asked) or Token(READER.id, READER.scopes, NOW_S + 9)
    )
    assert {service.get(f"{QUESTION}&accesstoken=x").status_code for _ in range(9)} == {200}
    assert len(read) == 1
    service.keys = ring(READER)
    service.get(f"{QUESTION}&accesstoken=x")
    assert len(read) == 2


def test_no_token_in_links_and_messages(service):
    key = service.token(READER_PROOF)
    page = service.get(f"/blocks?box=34.1|-119,33.9|-118&limit=1&accesstoken={key}")
    assert 'rel="next"' in page.headers["Link"]
    assert key not in str(page.headers)
    for url in (f"/blocks?{key}=1", f"/blocks?id={key}", f"/blocks?locale={READER_PROOF.secret}", f"/{key}"):
        answer = service.get(url, **pair(READER_PROOF))
        assert answer.status_code in (400, 404)
        for secret in (key[:30], READER_PROOF.secret):
            assert secret not in answer.text + str(answer.headers)


def rates(answer) -> list[int]:
    return [int(answer.headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset")]


@pytest.fixture
def limited(store):
    return Service(store, settings=Settings(keys="of the test", plans=read_plans(PLANS)))


def test_a_key_has_the_rate_of_its_plan(limited):
    answers = [limited.get(**pair(SLOW_PROOF)) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [rates(each)[:2] for each in answers] == [[3, 2], [3, 1], [3, 0], [3, 0]]
    assert rates(answers[0])[2] - NOW_S == 3_600
    assert 3_590 <= int(answers[3].headers["Retry-After"]) <= 3_600
    assert answers[3].json["error"]["code"] == "rate_limit_exceeded"
    assert answers[3].json["error"]["message"].startswith("too many requests: at most 3 at once")
    assert limited.get(**pair(READER_PROOF)).status_code == 200


def test_an_address_without_a_key_has_one_too(limited):
    assert [limited.get().status_code for _ in range(6)] == [401] * 5 + [429]
    assert limited.get("/", address="203.0.113.8").status_code == 200
    assert limited.get("/").status_code == 429
    for path in ("/health", "/ready"):
        answers = [limited.get(path) for _ in range(9)]
        assert all(each.status_code != 429 and "X-RateLimit-Limit" not in each.headers for each in answers)


def test_guessing_is_slowed_and_known_credentials_pass(limited):
    known = limited.token(READER_PROOF)
    assert limited.get(f"{QUESTION}&accesstoken={known}").status_code == 200
    guesses = [limited.get(**pair(READER_PROOF._replace(secret=str(number)))) for number in range(4)]
    assert [each.status_code for each in guesses] == [401, 401, 401, 429]
    assert [rates(each)[:2] for each in guesses] == [[3, 2], [3, 1], [3, 0], [3, 0]]
    # Even the right secret is not looked at now, from there; from elsewhere it is, and what is known needs no look.
    assert limited.get(**pair(READER_PROOF)).status_code == 429
    assert limited.get(f"/appToken?appId={READER.id}&hashToken={hash_token(*READER_PROOF)}").status_code == 429
    assert limited.get(f"{QUESTION}&accesstoken={known}").status_code == 200
    assert limited.get(**pair(READER_PROOF), address="203.0.113.8").status_code == 200


def test_addresses_of_one_site_count_together(limited):
    sites = ["2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1"]
    for _ in range(5):
        limited.get("/", address=sites[0])
    assert [limited.get("/", address=each).status_code for each in sites] == [429, 429, 200]


def opened(store, **settings) -> Service:
    return Service(store, settings=Settings(**settings), keys=ring(READER))


# Without keys: the peer, what a proxy says, how many proxies are believed; the status.
PEERS = [
    ("127.0.0.1", None, 0, 200),
    ("127.3.2.1", None, 0, 200),
    ("::1", None, 0, 200),
    ("::ffff:127.0.0.1", None, 0, 200),
    ("203.0.113.7", None, 0, 401),
    ("", None, 0, 401),
    ("127.0.0.1", "203.0.113.7", 0, 401),
    ("127.0.0.1", "127.0.0.1", 0, 401),
    ("127.0.0.1", "203.0.113.7", 1, 401),
    ("127.0.0.1", "127.0.0.1, 203.0.113.7", 1, 401),
    ("127.0.0.1", "127.0.0.1, 203.0.113.7", 2, 200),
    ("127.0.0.1", "nonsense", 1, 401),
    ("127.0.0.1", None, 1, 200),
    ("203.0.113.7", "127.0.0.1", 0, 401),
]


@pytest.mark.parametrize("peer, forwarded, proxies, status", PEERS)
def test_without_keys_only_this_machine_is_answered(store, peer, forwarded, proxies, status):
    headers = {"X_Forwarded_For": forwarded} if forwarded else {}
    answer = opened(store, proxies=proxies).get(address=peer, **headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.json["error"]["message"].startswith("without keys only this machine is answered: ")
        assert "ONSTREET_KEYS" in answer.json["error"]["message"]


def test_without_keys_a_credential_is_checked_all_the_same(store):
    service = opened(store)
    assert service.get(**pair(READER_PROOF)).status_code == 200
    assert service.get(**pair(READER_PROOF), address="127.0.0.1").status_code == 200
    assert service.get(Authorization="Bearer wrong", address="127.0.0.1").status_code == 401


def test_without_keys_there_is_no_limit_to_speak_of(store):
    answer = opened(store).get(address="127.0.0.1")
    assert rates(answer)[0] >= 10_000


@pytest.mark.parametrize("forwarded, counted", [("1.1.1.1, 9.9.9.9", "9.9.9.9"), ("9.9.9.9", "9.9.9.9")])
def test_limits_count_who_the_last_proxy_names(store, forwarded, counted):
    service = Service(store, settings=Settings(keys="of the test", plans=read_plans(PLANS), proxies=1))
    assert {service.get("/", X_Forwarded_For=forwarded).status_code for _ in range(5)} == {200}
    assert service.get("/", X_Forwarded_For=f"8.8.8.8, {counted}").status_code == 429
    assert service.get("/", X_Forwarded_For=f"{counted}, 8.8.8.8").status_code == 200


def test_failures_of_the_door_are_failures_of_the_service(store, caplog):
    service = Service(store)
    service.keys = None
    answer = service.get(**pair(READER_PROOF))
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "internal_error")


def test_demo_keys_say_so():
    assert made(DEMO)[0].id.startswith("os_demo_")
    assert READER.id.startswith("os_live_")
