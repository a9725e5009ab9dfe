"""`/metrics`: what has been asked and how long it took, for Prometheus; where several workers serve, of all of them."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, request
from flask.globals import request_ctx

from onstreet.api.contract import Answer, operation
from onstreet.query import Store
from onstreet.stores.database import DatabaseError
from onstreet.wire.fields import Json

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

# Where the workers of one server leave their counts for whichever of them is asked.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# From an answer that is kept to one that takes its time, in seconds.
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
# Where in the dictionary of a request stands when it came.
_BEGUN_S = "onstreet.begun_s"
_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


class Metrics:
    """Counts of one worker, and the sums of all."""

    def __init__(self, stores: Callable[[], Store], clock: Callable[[], datetime]) -> None:
        # It decides when it is loaded whether counts are shared: after a server has said where.
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._registry = CollectorRegistry()
        self._requests = Counter(
            "onstreet_requests", "Requests answered.", ("resource", "method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "onstreet_request_duration_seconds",
            "How long answering took.",
            ("resource",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        lookups = Counter(
            "onstreet_answer_cache_lookups", "Answers that were kept, or not.", ("result",), registry=self._registry
        )
        self._lookups = {True: lookups.labels("hit"), False: lookups.labels("miss")}
        self._data = _Data(stores, clock)
        # Finding a count by its labels takes longer than counting.
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def watch(self, app: Flask) -> None:
        """Count every request from here on; what is added to an application later is timed too."""
        app.before_request(_begin)
        app.after_request(self._count)

    def looked_up(self, is_hit: bool) -> None:
        """Count a look into the answers that are kept."""
        self._lookups[is_hit].inc()

    def shown(self) -> bytes:
        """Everything counted, in the text form of Prometheus."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry, data = self._registry, CollectorRegistry()
        if SHARED_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        data.register(self._data)
        return generate_latest(registry) + generate_latest(data)

    def _count(self, response: Response) -> Response:
        asked, status = request_ctx.request, response.status_code
        rule, method = asked.url_rule, asked.method
        key = (rule.rule if rule else "none", method if method in _METHODS else "other", status)
        counted = self._counted.get(key)
        if counted is None:
            labels = self._requests.labels(*key), self._seconds.labels(key[0])
            counted = self._counted.setdefault(key, labels)
        counted[0].inc()
        counted[1].observe(perf_counter() - asked.environ[_BEGUN_S])
        return response


class _Data:
    """The data that are served now."""

    def __init__(self, stores: Callable[[], Store], clock: Callable[[], datetime]) -> None:
        self._stores, self._clock = stores, clock

    def collect(self) -> "Iterator[GaugeMetricFamily]":
        """Which snapshot it is, its age and its blocks; only that there are none while a database is gone."""
        from prometheus_client.core import GaugeMetricFamily

        try:
            store = self._stores()
            about, blocks = store.about, len(store)
        except DatabaseError:
            yield GaugeMetricFamily("onstreet_ready", "Whether the data can be read.", 0)
            return
        age_s = (self._clock() - about.published).total_seconds()
        snapshot = GaugeMetricFamily("onstreet_snapshot_info", "The data that are served.", labels=("id",))
        snapshot.add_metric((about.id,), 1)
        yield snapshot
        yield GaugeMetricFamily("onstreet_ready", "Whether the data can be read.", 1)
        yield GaugeMetricFamily("onstreet_snapshot_age_seconds", "How long the data have been there.", age_s)
        yield GaugeMetricFamily("onstreet_blocks", "Blocks served.", blocks)


def resource(metrics: Metrics) -> Blueprint:
    """The blueprint of `/metrics`."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def show_metrics() -> Response:
        return Response(metrics.shown(), content_type=_TEXT, headers={"Cache-Control": "no-store"})

    return blueprint


def paths() -> Json:
    """What `/metrics` answers, as OpenAPI describes it."""
    answer = Answer("Counts in the form of Prometheus.", {"type": "string"}, media="text/plain")
    says = "Requests by resource, method and status, how long they took, kept answers found, and the data served."
    return {"/metrics": {"get": operation("Counts", says, answer, tag="operation")}}


def _begin() -> None:
    request.environ[_BEGUN_S] = perf_counter()
