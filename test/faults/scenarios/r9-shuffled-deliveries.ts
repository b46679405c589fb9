import { startScene } from '../../support/bridge.ts';
import type { Scene } from '../../support/bridge.ts';
import { figure } from '../../support/figure.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import { sayComplaints } from '../support/judge.ts';
import { linkRooms } from '../support/people.ts';
import { sumOf, verdictFigures } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

interface Plan {
  readonly transports: readonly ('socket' | 'http')[];
  readonly rooms: number;
  /** Of each transport: messages, and events of them and their changes at least. */
  readonly messages: number;
  readonly events: number;
  /** Events a second. */
  readonly rate: number;
  /** The time within which each event's copies are delivered, in milliseconds. */
  readonly within: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { transports: ['socket'], rooms: 1, messages: 60, events: 100, rate: 50, within: 2_000 },
  short: { transports: ['socket', 'http'], rooms: 3, messages: 180, events: 300, rate: 25, within: 10_000 },
  long: {
    transports: ['socket', 'http'],
    rooms: 6,
    messages: 1_500,
    events: 2_500,
    rate: 20,
    within: 60_000,
  },
};

/** At most so often Slack delivers one event. */
const copies = 4;
/** Events of one room that may wait while people go on. */
const mostWaiting = 40;
/** How long nothing may change while something is missing, in milliseconds. */
const patience = 90_000;

export const r9: Scenario = {
  id: 'R9',
  title: 'Slack delivers events up to four times, in any order',
  minutes: { quick: 0.2, short: 2, long: 12 },
  async run(run) {
    const plan = plans[run.size];
    const outcomes: Outcome[] = [];
    for (const transport of plan.transports) {
      const scene = await startScene({ transport });
      try {
        outcomes.push(await shuffled(scene, plan, run));
      } finally {
        await scene.close();
      }
    }
    const verdict = sumOf(outcomes.map((outcome) => outcome.verdict));
    const events = outcomes.reduce((sum, outcome) => sum + outcome.events, 0);
    return [
      ...verdictFigures('R9', verdict, plan.transports.length * plan.messages),
      figure('R9.events', events, 'events', { atLeast: plan.transports.length * plan.events }),
    ];
  },
};

interface Outcome {
  readonly events: number;
  readonly verdict: Verdict;
}

async function shuffled(scene: Scene, plan: Plan, { seed, size, random, say }: Run): Promise<Outcome> {
  const { control } = scene.slack;
  const rooms = await linkRooms(scene, plan.rooms, 'r9');
  control.seedFaults({ seed });
  control.addFault({ on: 'event', match: {}, fault: { type: 'scatter', copies, ms: plan.within } });
  using conversation = startConversation(scene, rooms, {
    ...plan,
    from: 'slack',
    changes: true,
    reach: 25,
    deletesRoots: true,
    random,
    mostWaiting: plan.rooms * mostWaiting,
    inAnyOrder: true,
  });
  await conversation.written;
  await control.idle({});
  say(`all is delivered: ${conversation.done()} events`);
  const verdict = await conversation.settled(patience, size === 'quick');
  sayComplaints(verdict, say);
  // late would be everything: events that come in any order are shown as they come
  return { events: conversation.done(), verdict: { ...verdict, late: 0 } };
}
