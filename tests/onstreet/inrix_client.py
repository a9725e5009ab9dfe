"""A client as a user of the published service would write it: it knows the address, an app id and an app key."""

import hashlib
import json
from datetime import datetime, timedelta
from urllib.parse import urlencode
from urllib.request import Request, urlopen


class InrixParking:
    """Blocks around a place, with a token that is fetched anew before it expires."""

    def __init__(self, base_url: str, app_id: str, app_key: str) -> None:
        self.base_url, self.app_id, self.app_key = base_url, app_id, app_key
        self.token, self.expiry = "", datetime.fromisoformat("1970-01-01T00:00:00Z")

    def blocks(self, **parameters: str | float) -> list[dict]:
        query = urlencode(parameters | {"accesstoken": self._token()}, safe="|,")
        return self._get(f"/blocks?{query}", {"Accept": "application/json"})["result"]

    def blocks_by_header(self, **parameters: str | float) -> list[dict]:
        headers = {"Authorization": f"Bearer {self._token()}"}
        return self._get(f"/blocks?{urlencode(parameters, safe='|,')}", headers)["result"]

    def _token(self) -> str:
        if self.expiry - timedelta(minutes=1) < datetime.now(self.expiry.tzinfo):
            hashed = hashlib.sha1(f"{self.app_id}|{self.app_key}".lower().encode()).hexdigest()
            result = self._get(f"/appToken?appId={self.app_id}&hashToken={hashed}", {})["result"]
            self.token, self.expiry = result["token"], datetime.fromisoformat(result["expiry"])
        return self.token

    def _get(self, path: str, headers: dict[str, str]) -> dict:
        with urlopen(Request(self.base_url + path, headers=headers), timeout=10) as answer:
            return json.load(answer)
