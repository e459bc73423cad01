"""A service in Python with the unmodified OpenTelemetry SDK, set up by OTEL_* variables alone.

Sends one trace of two spans, a metric of each kind, a line of its log and an exception in it, and prints the trace's id.
"""

from opentelemetry import metrics, trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode

traces = TracerProvider()
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(traces)
meters = MeterProvider(metric_readers=[PeriodicExportingMetricReader(OTLPMetricExporter())])
metrics.set_meter_provider(meters)
logs = LoggerProvider()
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
logger = logs.get_logger("shop.menu", "1.0")


def brew(kind):
    raise KeyError(kind)


tracer, meter = trace.get_tracer("shop", "1.0"), metrics.get_meter("shop", "1.0")
with tracer.start_as_current_span("GET /menu", kind=SpanKind.SERVER, attributes={"drinks": ["tea", "maté"]}) as menu:
    with tracer.start_as_current_span("look up") as lookup:
        lookup.record_exception(ValueError("no tea"))
        lookup.set_status(StatusCode.ERROR, "no tea")
        logger.emit(severity_number=SeverityNumber.WARN, severity_text="WARN", body="the tea is gone", attributes={"left": 0})
        try:
            brew("maté")
        except KeyError as error:
            logger.emit(severity_number=SeverityNumber.ERROR, severity_text="ERROR", body="could not brew", exception=error)

route = {"http.request.method": "GET", "http.route": "/menu", "http.response.status_code": 200}
# As the semantic conventions advise.
bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
duration = "http.server.request.duration"
meter.create_histogram(duration, unit="s", explicit_bucket_boundaries_advisory=bounds).record(0.2, route)
meter.create_counter("shop.orders", unit="{order}").add(3)
meter.create_up_down_counter("shop.queue", unit="{order}").add(2)
meter.create_observable_gauge("shop.milk", [lambda _: [metrics.Observation(1.5)]], unit="l")

traces.shutdown()
logs.shutdown()
meters.shutdown()
print(format(menu.get_span_context().trace_id, "032x"))
