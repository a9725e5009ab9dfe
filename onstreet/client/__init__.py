"""A client of the service: blocks page by page, quotes, filters, with retries and tokens taken care of.

    from onstreet.client import App, Client

    with Client("https://parking.example", App("my-app", "its secret")) as client:
        for block in client.near((34.019, -118.487), 200, durations_min=[60, 120]):
            print(block.name, [rate.cost for rate in block.segments[0].rates or ()])

What can go wrong is one of these:

ClientError(Exception)
    ApiError            the service answered that something is wrong: status, code, message, param, request_id
    UnreachableError    it did not answer, however often it was asked
    AnswerError         what answered is not this service
"""

from onstreet.client.answers import Block, Filter, Filters, Quote, Rate, Segment
from onstreet.client.asking import Client
from onstreet.client.credentials import App, Credentials, KeyPair, Token
from onstreet.client.errors import AnswerError, ApiError, ClientError, UnreachableError

__all__ = [
    "AnswerError", "ApiError", "App", "Block", "Client", "ClientError", "Credentials", "Filter", "Filters", "KeyPair",
    "Quote", "Rate", "Segment", "Token", "UnreachableError",
]  # fmt: skip
