import { startScene } from '../../support/bridge.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { arrivalOf } from '../../support/bridge/arrival.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { countStored } from '../intake/stored.ts';
import { eventId, sendStream, streamText } from '../intake/stream.ts';
import type { StreamOutcome } from '../intake/stream.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { linkRooms } from '../support/people.ts';
import { textsInMatrix } from '../support/reading.ts';
import { eventually } from '../../support/bridge/eventually.ts';

interface Plan {
  readonly rooms: number;
  readonly perSecond: number;
  readonly seconds: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { rooms: 2, perSecond: 50, seconds: 2 },
  short: { rooms: 5, perSecond: 500, seconds: 10 },
  long: { rooms: 10, perSecond: 500, seconds: 60 },
};

/** More than any homeserver takes meanwhile: what is acknowledged waits in the database, and goes on to Matrix in order. */
export const r13: Scenario = {
  id: 'R13',
  title: 'Slack sends 500 events a second',
  minutes: { quick: 0.3, short: 0.6, long: 2 },
  async run(run) {
    const scene = await startScene({ transport: 'http' });
    try {
      return await flood(run, plans[run.size], scene);
    } finally {
      await scene.close();
    }
  },
};

async function flood(run: Run, plan: Plan, scene: Scene): Promise<readonly Figure[]> {
  const { slack, eventsUrl: url, databaseUrl } = scene;
  const { app, team } = slack;
  const { perSecond } = plan;
  const events = perSecond * plan.seconds;
  const rooms = await linkRooms(scene, plan.rooms, 'room');
  const channels = rooms.map(({ channel }) => channel.id);
  const users = [slack.ann, slack.ben];
  const outcome = await sendStream({ url, app, team: team.id, channels, users, perSecond, events });
  run.say(`${outcome.times.length} of ${events} events acknowledged in ${outcome.seconds.toFixed(1)} s`);
  const refused = new Set(outcome.refused);
  const keys = Array.from({ length: events }, (_, number) => number)
    .filter((number) => !refused.has(number))
    .map((number) => `slack:${team.id}:${eventId(number)}`);
  const lost = keys.length - (await countStored(databaseUrl, keys));
  const timed = run.size !== 'quick';
  return [
    figure('R13.sent', events, 'events', { atLeast: events }),
    figure('R13.refused', outcome.refused.length, 'events', { atMost: 0 }),
    figure('R13.lost', lost, 'events', { atMost: 0 }),
    ...timeFigures(outcome, events, timed ? perSecond : undefined),
    ...(await arrivalFigures(scene, rooms, events, !timed)),
  ];
}

/** @param perSecond absent: times are only shown. */
function timeFigures(
  { times, seconds }: StreamOutcome,
  events: number,
  perSecond: number | undefined,
): readonly Figure[] {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  const goal = (atMost: number) => (perSecond === undefined ? null : { atMost });
  return [
    figure(
      'R13.rate',
      events / seconds,
      'messages/s',
      perSecond === undefined ? null : { atLeast: 0.95 * perSecond },
    ),
    figure('R13.acknowledgement.median', at(0.5), 'ms'),
    figure('R13.acknowledgement.p99', at(0.99), 'ms', goal(250)),
    figure('R13.acknowledgement.longest', at(1), 'ms', goal(2500)),
  ];
}

/** What stands in the rooms; with `all` it is waited for until all does. */
async function arrivalFigures(
  scene: Scene,
  rooms: readonly LinkedRoom[],
  events: number,
  all: boolean,
): Promise<readonly Figure[]> {
  const written = rooms.map((_, index) =>
    Array.from({ length: events }, (_each, number) => number)
      .filter((number) => number % rooms.length === index)
      .map(streamText),
  );
  const arrivals = () =>
    rooms.map((linked, index) => arrivalOf(written[index] ?? [], textsInMatrix(scene, linked)));
  const missing = (): number => arrivals().reduce((sum, { lost }) => sum + lost.length, 0);
  if (all) {
    await eventually(
      () => missing() === 0,
      () => `${missing()} events are missing in Matrix.`,
      240_000,
    );
  }
  const count = (pick: (arrival: ReturnType<typeof arrivalOf>) => readonly string[]): number =>
    arrivals().reduce((sum, arrival) => sum + pick(arrival).length, 0);
  return [
    figure('R13.in_matrix', events - missing(), 'events', { atLeast: 1 }),
    figure(
      'R13.doubled',
      count(({ doubled }) => doubled),
      'events',
      { atMost: 0 },
    ),
    figure(
      'R13.out_of_order',
      count(({ outOfOrder }) => outOfOrder),
      'events',
      { atMost: 0 },
    ),
  ];
}
