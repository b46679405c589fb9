import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** All that the bridge counts and measures, and how Prometheus reads it. */
export interface Metrics extends ReturnType<typeof makeMetrics> {
  readonly contentType: string;
  /** Calls `listener` before each reading: for gauges whose value is asked for, not kept. */
  beforeReading(listener: () => void | Promise<void>): void;
  /** The exposition format of Prometheus. A listener that fails leaves its gauges as they were. */
  text(): Promise<string>;
  readonly registry: Registry;
}

/** Metrics on a registry of their own; with `process` also those of the Node process: memory, event loop lag and so on. */
export function createMetrics(options: { readonly process: boolean } = { process: true }): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });
  const listeners: (() => void | Promise<void>)[] = [];
  return {
    ...makeMetrics(registry),
    registry,
    contentType: registry.contentType,
    beforeReading: (listener) => {
      listeners.push(listener);
    },
    text: async () => {
      await Promise.allSettled(listeners.map(async (listener) => listener()));
      return registry.metrics();
    },
  };
}

const fast = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const slow = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Names begin with `matrix_slack_bridge_`, times are in seconds. Labels never hold what people wrote, or who they are. */
function makeMetrics(registry: Registry) {
  return {
    ...trafficMetrics(registry),
    ...intakeMetrics(registry),
    ...queueMetrics(registry),
    ...encryptionMetrics(registry),
    ...fileMetrics(registry),
    ...memoryMetrics(registry),
    ...networkMetrics(registry),
  };
}

function trafficMetrics(registry: Registry) {
  const registers = [registry];
  return {
    bridged: new Counter({
      name: 'matrix_slack_bridge_bridged_total',
      help: 'What arrived on the other side, by direction (to_matrix, to_slack) and kind (message, edit, delete, reaction …).',
      labelNames: ['direction', 'kind'],
      registers,
    }),
    refused: new Counter({
      name: 'matrix_slack_bridge_refused_total',
      help: 'What can never be bridged and was told to its sender, by direction and reason.',
      labelNames: ['direction', 'reason'],
      registers,
    }),
    ignored: new Counter({
      name: 'matrix_slack_bridge_ignored_total',
      help: 'What is not bridged on purpose, by direction and reason.',
      labelNames: ['direction', 'reason'],
      registers,
    }),
    uncertainPosts: new Counter({
      name: 'matrix_slack_bridge_uncertain_posts_total',
      help: 'Posts to Slack without a clear answer, by how they were settled (found, posted_again, doubled).',
      labelNames: ['outcome'],
      registers,
    }),
    portals: new Gauge({
      name: 'matrix_slack_bridge_portals',
      help: 'Rooms joined to a channel, by status (pending, filling, live, paused, frozen).',
      labelNames: ['status'],
      registers,
    }),
    restored: new Gauge({
      name: 'matrix_slack_bridge_restored_portals',
      help: 'Portals that wait until both sides are compared, because the database was restored from a backup.',
      registers,
    }),
    pictures: new Counter({
      name: 'matrix_slack_bridge_pictures_total',
      help: 'Requests for pictures of Matrix users, by outcome (shown, unchanged, refused, missing, busy, failed).',
      labelNames: ['outcome'],
      registers,
    }),
  };
}

function intakeMetrics(registry: Registry) {
  const registers = [registry];
  return {
    deliveries: new Counter({
      name: 'matrix_slack_bridge_deliveries_total',
      help: 'Events taken in, by network and outcome (stored, known, malformed, unlinked).',
      labelNames: ['from', 'outcome'],
      registers,
    }),
    historyReadings: new Counter({
      name: 'matrix_slack_bridge_history_readings_total',
      help: 'Readings of a room’s or channel’s history for what was not delivered, by network and outcome (read, refused, failed).',
      labelNames: ['from', 'outcome'],
      registers,
    }),
    found: new Counter({
      name: 'matrix_slack_bridge_found_total',
      help: 'What was not delivered and was found in the history of its room or channel, by network and kind (event; from Slack message, edit, delete, reaction, reaction-removed).',
      labelNames: ['from', 'kind'],
      registers,
    }),
    acknowledged: new Histogram({
      name: 'matrix_slack_bridge_intake_ack_seconds',
      help: 'From the arrival of a request or envelope to its acknowledgement, with the commit between them.',
      labelNames: ['from'],
      buckets: fast,
      registers,
    }),
  };
}

function encryptionMetrics(registry: Registry) {
  const registers = [registry];
  return {
    encryptionUp: new Gauge({
      name: 'matrix_slack_bridge_encryption_up',
      help: 'Whether encryption works (1) or is in trouble (0); absent where it is turned off.',
      registers,
    }),
    encryptionLeads: new Gauge({
      name: 'matrix_slack_bridge_encryption_leads',
      help: 'Whether this process has the devices of the bot and the ghosts.',
      registers,
    }),
    botDeviceSigned: new Gauge({
      name: 'matrix_slack_bridge_encryption_device_signed',
      help: "Whether the bot's device is signed; of the process that has it.",
      registers,
    }),
    oneTimeKeys: new Gauge({
      name: 'matrix_slack_bridge_encryption_one_time_keys',
      help: "Keys of the bot's device that are left on the homeserver for others to begin with; of the process that has it.",
      registers,
    }),
    openMachines: new Gauge({
      name: 'matrix_slack_bridge_encryption_open_devices',
      help: 'Devices that are open in memory.',
      registers,
    }),
    missingKeys: new Gauge({
      name: 'matrix_slack_bridge_encryption_missing_keys',
      help: 'Room keys that events wait for.',
      registers,
    }),
    undecryptable: new Gauge({
      name: 'matrix_slack_bridge_encryption_undecryptable',
      help: 'Events of people that could not be read since the process began, by room and reason.',
      labelNames: ['room', 'reason'],
      registers,
    }),
  };
}

function queueMetrics(registry: Registry) {
  const registers = [registry];
  return {
    waiting: new Gauge({
      name: 'matrix_slack_bridge_queue_items',
      help: 'Stored events that are not done yet, by network and state (ready, parked).',
      labelNames: ['from', 'state'],
      registers,
    }),
    oldest: new Gauge({
      name: 'matrix_slack_bridge_queue_oldest_seconds',
      help: 'Age of the oldest stored event that is not done yet, by network; 0 when there is none.',
      labelNames: ['from'],
      registers,
    }),
    retries: new Counter({
      name: 'matrix_slack_bridge_queue_retries_total',
      help: 'Events that were put back to be tried later, by network and reason (target: the other side is away or limits us; item).',
      labelNames: ['from', 'reason'],
      registers,
    }),
    parked: new Counter({
      name: 'matrix_slack_bridge_queue_parked_total',
      help: 'Events that were set aside to wait for the message that they belong to, for a file, or for a key, by network.',
      labelNames: ['from'],
      registers,
    }),
    late: new Counter({
      name: 'matrix_slack_bridge_queue_late_total',
      help: 'Events that were delivered to us after a younger one of the same conversation was handled, by network.',
      labelNames: ['from'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'matrix_slack_bridge_dead_letters_total',
      help: 'Events set aside for people to look at, by network and reason (bug, malformed, attempts).',
      labelNames: ['from', 'reason'],
      registers,
    }),
    handled: new Histogram({
      name: 'matrix_slack_bridge_handled_seconds',
      help: 'From the arrival of an event to the end of its effects, by network.',
      labelNames: ['from'],
      buckets: slow,
      registers,
    }),
    statements: new Gauge({
      name: 'matrix_slack_bridge_database_statements',
      help: 'Statements sent to the database since the start.',
      registers,
    }),
    databaseUp: new Gauge({
      name: 'matrix_slack_bridge_database_up',
      help: 'Whether the database can be written to.',
      registers,
    }),
  };
}

function fileMetrics(registry: Registry) {
  const registers = [registry];
  return {
    transfers: new Counter({
      name: 'matrix_slack_bridge_transfers_total',
      help: 'Files carried between the networks, by direction (to_matrix, to_slack) and outcome (arrived, retried, refused, failed).',
      labelNames: ['direction', 'outcome'],
      registers,
    }),
    transferredBytes: new Counter({
      name: 'matrix_slack_bridge_transferred_bytes_total',
      help: 'Bytes of the files that arrived on the other side, by direction.',
      labelNames: ['direction'],
      registers,
    }),
    transfersUnderWay: new Gauge({
      name: 'matrix_slack_bridge_transfers_under_way',
      help: 'Files that are being carried now, by direction; those that wait for their turn are not counted.',
      labelNames: ['direction'],
      registers,
    }),
  };
}

function memoryMetrics(registry: Registry) {
  const registers = [registry];
  return {
    inMemory: new Gauge({
      name: 'matrix_slack_bridge_queue_memory_items',
      help: 'Stored events that are in memory: the oldest of each lane. The others wait in the database.',
      registers,
    }),
    inMemoryBytes: new Gauge({
      name: 'matrix_slack_bridge_queue_memory_bytes',
      help: 'Bytes of the events in memory, as they came.',
      registers,
    }),
  };
}

function networkMetrics(registry: Registry) {
  const registers = [registry];
  return {
    calls: new Histogram({
      name: 'matrix_slack_bridge_call_seconds',
      help: 'Calls to the networks, by network, method and outcome (ok, refused, limited, failed).',
      labelNames: ['to', 'method', 'outcome'],
      buckets: slow,
      registers,
    }),
    rateLimited: new Counter({
      name: 'matrix_slack_bridge_rate_limited_total',
      help: 'Answers that told us to slow down, by network and method.',
      labelNames: ['to', 'method'],
      registers,
    }),
    homeserverUp: new Gauge({
      name: 'matrix_slack_bridge_homeserver_up',
      help: 'Whether the homeserver answers and can reach us.',
      registers,
    }),
    teamUp: new Gauge({
      name: 'matrix_slack_bridge_team_up',
      help: 'Whether a workspace can be used: its token is valid and events come.',
      labelNames: ['team'],
      registers,
    }),
    sockets: new Gauge({
      name: 'matrix_slack_bridge_slack_sockets',
      help: 'Open Socket Mode connections, by app.',
      labelNames: ['app'],
      registers,
    }),
    refusedRequests: new Counter({
      name: 'matrix_slack_bridge_refused_requests_total',
      help: 'Requests that were refused at the door, by network and reason (signature, stale, token, unknown_team, too_large …).',
      labelNames: ['from', 'reason'],
      registers,
    }),
  };
}
