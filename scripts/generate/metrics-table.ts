import { createMetrics } from '../../src/metrics.ts';
import { code, table } from './markdown.ts';

/** docs/metrics.md: every metric of the bridge's own. */
export async function metricsDocument(): Promise<string> {
  const metrics = await createMetrics({ process: false }).registry.getMetricsAsJSON();
  const rows = metrics
    .map(({ name, type, help }) => [code(name), String(type), help])
    .toSorted(([left = ''], [right = '']) => left.localeCompare(right));
  return `# Metrics

\`/metrics\` of the web server (\`web.host\`, \`web.port\`) speaks Prometheus. Besides the metrics below it has those of the Node
process: memory, CPU, garbage collection and \`nodejs_eventloop_lag_seconds\`. \`config/grafana-dashboard.json\` is a
dashboard for Grafana that shows the most important ones.

No label holds what people wrote, or who they are.

This page is made from the code by \`npm run generate\`.

${table(['Metric', 'Type', 'What it counts'], rows)}
`;
}
