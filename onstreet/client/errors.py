"""What can go wrong between a client and the service; drawn as a tree in the package's docstring."""

from typing import Any


class ClientError(Exception):
    """Whatever went wrong between this client and the service."""


class UnreachableError(ClientError):
    """The service did not answer, however often it was asked."""


class AnswerError(ClientError):
    """What answered is not this service, or not one that this client knows."""


class ApiError(ClientError):
    """The service answered that something is wrong: its status, and its own words for it."""

    def __init__(self, status: int, error: dict[str, Any]) -> None:
        self.status = status
        self.code: str = error.get("code", "error")
        self.message: str = error.get("message", "")
        self.param: str | None = error.get("param")
        self.request_id: str | None = error.get("request_id")
        self.details: list[dict[str, Any]] = error.get("details", [])
        super().__init__(f"{status} {self.code}: {self.message}" + (f" ({self.request_id})" if self.request_id else ""))
