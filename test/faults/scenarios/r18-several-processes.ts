import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { openFleet } from '../processes/fleet.ts';
import type { Fleet } from '../processes/fleet.ts';
import { openOwnership } from '../processes/ownership.ts';
import type { Ownership } from '../processes/ownership.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import { sayComplaints } from '../support/judge.ts';
import { linkRooms } from '../support/people.ts';
import { verdictFigures } from '../verdict.ts';

interface Plan {
  /** The last one joins when half of the damage is done. */
  readonly processes: number;
  readonly rooms: number;
  readonly kills: number;
  readonly stops: number;
  /** How long a process stands still, in milliseconds. */
  readonly stopFor: number;
  /** Messages a second of each room and side. */
  readonly perSecond: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { processes: 2, rooms: 3, kills: 1, stops: 0, stopFor: 0, perSecond: 2.5 },
  short: { processes: 3, rooms: 4, kills: 2, stops: 2, stopFor: 14_000, perSecond: 1.25 },
  long: { processes: 3, rooms: 12, kills: 10, stops: 10, stopFor: 30_000, perSecond: 1.7 },
};

/** Events of one room and side that may wait while people write. */
const mostWaiting = 6;
/** What a process that stood still acknowledges when it goes on is older than what the others were told meanwhile. */
const acknowledgedWithin = 500;
/** When nothing has changed for so long nothing will, in milliseconds. */
const settling = 120_000;

export const r18: Scenario = {
  id: 'R18',
  title: 'of several processes one is killed, or stands still',
  minutes: { quick: 0.4, short: 3, long: 20 },
  async run(run) {
    const plan = plans[run.size];
    const fleet = await openFleet(plan.processes);
    const ownership = await openOwnership(fleet.scene.databaseUrl);
    try {
      return await damage(createGroup(fleet, ownership), plan, run);
    } finally {
      await ownership.close();
      await fleet.close();
    }
  },
};

interface Takeover {
  readonly free: number;
  readonly posted: number;
}

/** The processes that run, by the names under which they own lanes. */
function createGroup({ scene, processes }: Fleet, ownership: Ownership) {
  const names = new Map<number, string>();

  /** One after the other: a new name belongs to the one that was started. */
  async function start(index: number): Promise<void> {
    await processes[index]?.start();
    const known = new Set(names.values());
    const name = (await ownership.owners()).find((owner) => !known.has(owner));
    if (name === undefined) throw new Error('A process that is ready is not in the database.');
    names.set(index, name);
  }

  return {
    scene,
    ownership,
    start,
    indexes: () => [...names.keys()],
    async kill(index: number): Promise<Takeover> {
      await processes[index]?.kill('SIGKILL');
      const taken = await ownership.takeover(names.get(index) ?? '', takeoverLimit);
      names.delete(index);
      return taken;
    },
    async standStill(index: number, milliseconds: number): Promise<Takeover> {
      const pid = processes[index]?.pid() ?? 0;
      process.kill(pid, 'SIGSTOP');
      try {
        const taking = ownership.takeover(names.get(index) ?? '', milliseconds);
        await sleep(milliseconds);
        return await taking;
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    },
  };
}

type Group = ReturnType<typeof createGroup>;

const takeoverLimit = 60_000;

async function damage(group: Group, plan: Plan, run: Run): Promise<readonly Figure[]> {
  const { scene } = group;
  const quick = run.size === 'quick';
  // Far less patience than Slack has, and more than a process stands still.
  scene.slack.control.settings({ retryDelaysMs: [0, 3_000, 20_000, 40_000], pingIntervalMs: 5_000 });
  await group.start(0);
  await group.start(1);
  const rooms = await linkRooms(scene, plan.rooms, 'r18');
  const harms = plannedHarms(plan, run);
  // A post under way makes a takeover wait for 20 s: too long for the quick form.
  using conversation = startConversation(scene, rooms, {
    rate: plan.rooms * plan.perSecond,
    changes: false,
    random: run.random,
    mostWaiting: mostWaiting * plan.rooms,
    acknowledgedWithin,
    ...(quick && { from: 'slack' }),
  });
  const shareOfTwo = await shareOf(group, quick ? 1_500 : patience);
  const taken: Takeover[] = [];
  let shareOfThree: number | undefined;
  for (const [index, harm] of harms.entries()) {
    if (plan.processes === 3 && index === Math.floor(harms.length / 2)) {
      await group.start(2);
      shareOfThree = await shareOf(group, patience);
    }
    taken.push(await strike(group, harm, plan, run));
  }
  await conversation.end();
  const verdict = await conversation.settled(settling, quick);
  sayComplaints(verdict, run.say);
  // With a handful of lanes one more or less is much.
  const fair = run.size === 'long' ? { atMost: 1.5 } : null;
  const most = (times: readonly number[]): number => Math.max(...times) / 1000;
  return [
    ...verdictFigures('R18', verdict, plan.rooms * (quick ? 2 : 4)),
    figure('R18.takeover', most(taken.map(({ free }) => free)), 's', quick ? null : { atMost: 15 }),
    figure('R18.takeover_open_post', most(taken.map(({ posted }) => posted)), 's', { atMost: 45 }),
    figure('R18.share_of_two', shareOfTwo, '×', fair),
    ...(shareOfThree === undefined ? [] : [figure('R18.share_of_three', shareOfThree, '×', fair)]),
  ];
}

interface Harm {
  readonly kind: 'kill' | 'stop';
  /** From 0 to 1: to which of the processes that run. */
  readonly whom: number;
  readonly after: number;
}

/** All of it before anybody writes: what happens doesn't depend on who is faster. */
function plannedHarms({ kills, stops }: Plan, { random }: Run): readonly Harm[] {
  const kinds = [...Array<'kill'>(kills).fill('kill'), ...Array<'stop'>(stops).fill('stop')];
  return kinds
    .map((kind) => ({ kind, place: random(), whom: random(), after: 500 + 1_500 * random() }))
    .toSorted((a, b) => a.place - b.place);
}

async function strike(group: Group, harm: Harm, plan: Plan, { size, say }: Run): Promise<Takeover> {
  const { kind, whom, after } = harm;
  const indexes = group.indexes();
  const index = indexes[Math.floor(whom * indexes.length)] ?? 0;
  await sleep(after);
  const taken = kind === 'kill' ? await group.kill(index) : await group.standStill(index, plan.stopFor);
  say(`${kind}: taken over in ${taken.free} ms, with an open post in ${taken.posted} ms`);
  if (kind === 'kill' && size !== 'quick') await group.start(index);
  return taken;
}

const balanced = 1.3;
const patience = 20_000;

/** How many lanes the process with the most has, for each that it had if all had as many: once that is steady. */
async function shareOf({ ownership }: Group, within: number): Promise<number> {
  const deadline = Date.now() + within;
  for (;;) {
    const shares = await ownership.shares();
    const fair = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const share = Math.max(...shares) / fair;
    if (share <= balanced || Date.now() > deadline) return share;
    await sleep(500);
  }
}
