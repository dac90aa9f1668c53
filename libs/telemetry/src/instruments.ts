import { Counter, collectDefaultMetrics, Gauge, Histogram, register } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

interface Described<Label extends string> {
  /** `magistry_<what>_<unit>`, in base units; a counter ends in `_total`. */
  readonly name: string;
  readonly help: string;
  /** Each with a closed list of values: never an id, a key or a URL. */
  readonly labels?: readonly Label[];
}

/** Seconds, fine where the promises are: 2 ms added by the gateway, 2 s until a caller hears of an outage. */
export const DURATION_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** Instruments are declared in files called metrics.ts, where checks of dashboards and documents find them. */
export function counter<Label extends string = never>(described: Described<Label>): Counter<Label> {
  const { name, help, labels = [] } = described;
  return new Counter({ name, help, labelNames: [...labels] });
}

export function histogram<Label extends string = never>(
  described: Described<Label> & { readonly buckets: readonly number[] },
): Histogram<Label> {
  const { name, help, labels = [], buckets } = described;
  return new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets] });
}

/** `read` is asked at each scrape, so that nothing is counted on the way; without it the gauge is set by hand. */
export function gauge<Label extends string = never>(
  described: Described<Label> & { readonly read?: (gauge: Gauge<Label>) => void },
): Gauge<Label> {
  const { name, help, labels = [], read } = described;
  return new Gauge({
    name,
    help,
    labelNames: [...labels],
    ...(read && {
      collect() {
        this.reset();
        read(this);
      },
    }),
  });
}

/** Memory, CPU and event loop of this process, and its name on every sample. */
export function collectProcessMetrics(service: string): void {
  if (register.getSingleMetric('process_resident_memory_bytes') === undefined) collectDefaultMetrics();
  register.setDefaultLabels({ service });
}

/** All samples in Prometheus's text format. */
export async function renderMetrics(): Promise<{ type: string; text: string }> {
  return { type: register.contentType, text: await register.metrics() };
}

export interface DeclaredMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric that the modules loaded so far declare; `service` is on each besides its labels. */
export async function declaredMetrics(): Promise<DeclaredMetric[]> {
  const all = await register.getMetricsAsJSON();
  return all.map(({ name, type, help }) => ({ name, type: String(type), help, labels: labelsOf(name) }));
}

// The library keeps a metric's label names to itself, as a field that its types do not show.
function labelsOf(name: string): string[] {
  const metric = register.getSingleMetric(name) as unknown as { labelNames?: readonly string[] };
  return [...(metric.labelNames ?? [])];
}
