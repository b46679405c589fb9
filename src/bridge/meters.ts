import type { Metrics } from '../metrics.ts';
import type { MatrixMetrics } from '../matrix/ports.ts';
import type { CatchUpKind } from '../portal/catch-up-ports.ts';
import type { PortalMetrics, Side } from '../portal/context.ts';
import type { IntakeMetrics, QueueMetrics } from '../queue/ports.ts';
import type { SlackMetrics } from '../slack/metrics.ts';
import type { TransferMetrics } from './transfers.ts';

/** The counters of each part, on the one table of metrics. */
export interface Meters {
  readonly slack: SlackMetrics;
  readonly matrix: MatrixMetrics;
  readonly portals: PortalMetrics;
  readonly queue: QueueMetrics;
  readonly intake: IntakeMetrics;
  readonly transfers: TransferMetrics;
  readonly history: HistoryMetrics;
  readonly foundInSlack: (kind: CatchUpKind, count: number) => void;
}

/** Of reading what a network keeps. `found`: so many events were stored that had not been delivered. */
export type HistoryMetrics = (from: Side, outcome: 'read' | 'refused' | 'failed', found: number) => void;

const direction = (from: Side): string => (from === 'slack' ? 'to_matrix' : 'to_slack');

export function createMeters(metrics: Metrics): Meters {
  return {
    slack: slackMeters(metrics),
    matrix: matrixMeters(metrics),
    portals: portalMeters(metrics),
    queue: queueMeters(metrics),
    intake: intakeMeters(metrics),
    transfers: {
      transfer: (direction, outcome, bytes) => {
        metrics.transfers.inc({ direction, outcome });
        metrics.transferredBytes.inc({ direction }, bytes);
      },
    },
    history: (from, outcome, found) => {
      metrics.historyReadings.inc({ from, outcome });
      metrics.found.inc({ from, kind: 'event' }, found);
    },
    foundInSlack: (kind, count) => metrics.found.inc({ from: 'slack', kind }, count),
  };
}

/** What is malformed becomes a dead letter as it is stored. */
function intakeMeters(metrics: Metrics): IntakeMetrics {
  return {
    delivery: (from, outcome) => {
      metrics.deliveries.inc({ from, outcome });
      if (outcome === 'malformed') metrics.deadLetters.inc({ from, reason: 'malformed' });
    },
  };
}

function slackMeters(metrics: Metrics): SlackMetrics {
  return {
    call: (method, outcome, seconds) => metrics.calls.observe({ to: 'slack', method, outcome }, seconds),
    limited: (method) => metrics.rateLimited.inc({ to: 'slack', method }),
    acknowledged: (_transport, seconds) => metrics.acknowledged.observe({ from: 'slack' }, seconds),
    refused: (_transport, reason) => metrics.refusedRequests.inc({ from: 'slack', reason }),
    sockets: (open) => metrics.sockets.set({ app: 'all' }, open),
  };
}

function matrixMeters(metrics: Metrics): MatrixMetrics {
  return {
    homeserverCall: (method, outcome, seconds) => {
      metrics.calls.observe({ to: 'matrix', method, outcome }, seconds);
      if (outcome === 'limited') metrics.rateLimited.inc({ to: 'matrix', method });
    },
    transaction: (status, _events, seconds) => {
      if (status === 200) metrics.acknowledged.observe({ from: 'matrix' }, seconds);
      else metrics.refusedRequests.inc({ from: 'matrix', reason: String(status) });
    },
    homeserverUp: (up) => metrics.homeserverUp.set(up ? 1 : 0),
  };
}

function portalMeters(metrics: Metrics): PortalMetrics {
  const named = boundedNames();
  return {
    bridged: (from, kind) => metrics.bridged.inc({ direction: direction(from), kind }),
    ignored: (from, reason) => metrics.ignored.inc({ direction: direction(from), reason: named(reason) }),
    failed: (from, reason) => metrics.refused.inc({ direction: direction(from), reason }),
    uncertainPost: (outcome) => metrics.uncertainPosts.inc({ outcome }),
  };
}

const mostNames = 100;

/**
 * A reason may hold the type of an event that we don't know, and anybody may send events of any type: what isn't like a name
 * is `unknown:other`, and so is every name after the first hundred.
 */
function boundedNames(): (reason: string) => string {
  const known = new Set<string>();
  return (reason) => {
    if (!reason.startsWith('unknown:') || known.has(reason)) return reason;
    if (!/^unknown:[a-z0-9_.]+$/.test(reason) || known.size >= mostNames) return 'unknown:other';
    known.add(reason);
    return reason;
  };
}

function queueMeters(metrics: Metrics): QueueMetrics {
  return {
    handled: (from, seconds) => metrics.handled.observe({ from }, seconds),
    retried: (from, reason) => metrics.retries.inc({ from, reason }),
    deadLetter: (from, reason) => metrics.deadLetters.inc({ from, reason }),
    parked: (from) => metrics.parked.inc({ from }),
    late: (from) => metrics.late.inc({ from }),
    inMemory: (items, bytes) => {
      metrics.inMemory.set(items);
      metrics.inMemoryBytes.set(bytes);
    },
  };
}
