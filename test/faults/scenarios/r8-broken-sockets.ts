import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../../bench/statistics.ts';
import { startScene } from '../../support/bridge.ts';
import type { Scene } from '../../support/bridge.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import type { Random } from '../../support/random.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import { sayComplaints } from '../support/judge.ts';
import { linkRooms } from '../support/people.ts';
import { recordSlackLog } from '../slack/slack-log.ts';
import { gapsAfter, gapsIn } from '../slack/socket-gaps.ts';
import type { PeopledRoom } from '../support/people.ts';
import { verdictFigures } from '../verdict.ts';

/** What happens to connections; `cut-…` are the drops. */
const incidents = [
  'cut-one',
  'refresh-all',
  'half-open',
  'cut-all',
  'refresh-one',
  'warning',
  'no-greeting',
] as const;
type Incident = (typeof incidents)[number];

interface Plan {
  readonly rooms: number;
  readonly drops: number;
  /** Messages a second of each room and side. */
  readonly perSecond: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { rooms: 1, drops: 2, perSecond: 7 },
  short: { rooms: 3, drops: 20, perSecond: 3 },
  long: { rooms: 5, drops: 200, perSecond: 2.5 },
};

/** Events of one room and side that may wait while people write. */
const mostWaiting = 6;
const patience = 120_000;

export const r8: Scenario = {
  id: 'R8',
  title: 'connections to Slack drop, are refreshed, and stay silent',
  minutes: { quick: 0.2, short: 1.5, long: 8 },
  async run(run) {
    const plan = plans[run.size];
    const scene = await startScene();
    try {
      const rooms = await linkRooms(scene, plan.rooms, 'r8');
      return await underFaults(scene, rooms, plan, run);
    } finally {
      await scene.close();
    }
  },
};

async function underFaults(
  scene: Scene,
  rooms: readonly PeopledRoom[],
  plan: Plan,
  { size, random, say }: Run,
): Promise<readonly Figure[]> {
  const open = scene.slack.control.sockets({}).map(({ id }) => id);
  const log = recordSlackLog(scene.slack, 'socket');
  using conversation = startConversation(scene, rooms, {
    rate: plan.rooms * plan.perSecond,
    changes: false,
    random,
    mostWaiting: mostWaiting * plan.rooms,
  });
  const moments = await breakSockets(scene, size === 'quick' ? incidents.slice(0, 4) : [], plan, random);
  await conversation.end();
  const verdict = await conversation.settled(patience, size === 'quick');
  sayComplaints(verdict, say);
  log.stop();
  const entries = log.entries();
  const gaps = gapsIn(open, entries, Date.now());
  const without = gapsAfter(moments, gaps);
  say(`${moments.length} incidents, without a connection after ${without.filter((time) => time > 0).length}`);
  const strays = entries.filter(({ outcome }) => outcome === 'stray_ack').length;
  const goal = size === 'quick' ? null : { atMost: 250 };
  return [
    ...verdictFigures('R8', verdict, plan.rooms * 4),
    figure('R8.incidents', moments.length, 'times', { atLeast: plan.drops }),
    figure('R8.without_socket_p99', percentile(without, 99), 'ms', goal),
    figure('R8.without_socket_most', Math.max(...without), 'ms'),
    figure('R8.answers_on_another_socket', strays, 'times', { atMost: 0 }),
  ];
}

/** One of each first; then by chance, two of three being drops. Returns when each began. */
async function breakSockets(
  scene: Scene,
  first: readonly Incident[],
  { drops }: Plan,
  random: Random,
): Promise<readonly number[]> {
  const moments: number[] = [];
  const planned: Incident[] = [...(first.length > 0 ? first : incidents)];
  for (let dropped = 0; planned.length > 0 || dropped < drops;) {
    const incident = planned.shift() ?? byChance(random);
    await sleep(200 + random() * 800);
    if (incident.startsWith('cut')) dropped += 1;
    moments.push(Date.now());
    happen(scene, incident, random);
  }
  return moments;
}

function byChance(random: Random): Incident {
  const kinds = random() < 2 / 3 ? incidents.filter((kind) => kind.startsWith('cut')) : incidents;
  return kinds[Math.floor(random() * kinds.length)] ?? 'cut-one';
}

function happen({ slack: { control } }: Scene, incident: Incident, random: Random): void {
  const open = control.sockets({}).filter(({ state }) => state === 'open');
  const one = open[Math.floor(random() * open.length)];
  const id = one && { id: one.id };
  switch (incident) {
    case 'cut-one':
      return void (id && control.cutSockets(id));
    case 'cut-all':
      return void control.cutSockets({});
    case 'refresh-one':
      return void (id && control.disconnectSockets({ ...id, reason: 'refresh_requested', graceMs: 2_000 }));
    case 'refresh-all':
      return void control.disconnectSockets({ reason: 'refresh_requested', graceMs: 2_000 });
    case 'warning':
      return void (id && control.disconnectSockets({ ...id, reason: 'warning', graceMs: 2_000 }));
    case 'half-open': // nobody can know of it at once, so one at a time
      return void (id && open.length > 1 && control.halfOpenSockets(id));
    case 'no-greeting':
      control.muteSockets({ count: 1 });
      return void (id && control.cutSockets(id));
  }
}
