import assert from 'node:assert/strict';
import { z } from 'zod';
import { eventually } from './eventually.ts';

const readiness = z.object({
  ok: z.boolean(),
  parts: z.record(z.string(), z.object({ ok: z.boolean(), reason: z.string().optional() })),
});

/** What /readyz says. */
export interface Readiness extends z.infer<typeof readiness> {
  readonly status: number;
}

export async function readReadiness(webUrl: string): Promise<Readiness> {
  const response = await fetch(`${webUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
  return { status: response.status, ...readiness.parse(await response.json()) };
}

/** Waits until /readyz says what is wanted. */
export async function waitForReadiness(
  webUrl: string,
  wanted: (readiness: Readiness) => boolean | undefined,
  timeout?: number,
): Promise<Readiness> {
  let last: Readiness | undefined;
  return eventually(
    async () => {
      last = await readReadiness(webUrl);
      return wanted(last) === true && last;
    },
    () => `/readyz said: ${JSON.stringify(last)}`,
    timeout,
  );
}

/** The bridge's metrics at one moment. */
export interface MetricsReading {
  readonly text: string;
  /** The sum of all values with these labels; 0 when there are none. The name goes without `matrix_slack_bridge_`. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
}

export async function readMetrics(webUrl: string): Promise<MetricsReading> {
  const response = await fetch(`${webUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
  const text = await response.text();
  return {
    text,
    value(name, labels = {}) {
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      return text
        .split('\n')
        .filter((line) => new RegExp(`^matrix_slack_bridge_${name}[{ ]`).test(line))
        .filter((line) => wanted.every((label) => line.includes(label)))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
  };
}

/** Waits until a metric has just this value: what is counted is counted a moment after people see it. */
export async function waitForMetric(
  webUrl: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  wanted: number,
): Promise<void> {
  let last = 0;
  await eventually(
    async () => {
      last = (await readMetrics(webUrl)).value(name, labels);
      return last === wanted;
    },
    () => `${name} ${JSON.stringify(labels)} is ${last} instead of ${wanted}.`,
  );
}
