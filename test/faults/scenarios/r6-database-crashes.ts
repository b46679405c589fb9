import { setTimeout as sleep } from 'node:timers/promises';
import { startScene } from '../../support/bridge.ts';
import type { Scene } from '../../support/bridge.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { freePort } from '../../support/ports.ts';
import { startOwnDatabase } from '../outage/own-database.ts';
import type { OwnDatabase } from '../outage/own-database.ts';
import { openDoor } from '../outage/recording-door.ts';
import type { RecordingDoor } from '../outage/recording-door.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import { sayComplaints } from '../support/judge.ts';
import { linkRooms } from '../support/people.ts';
import { idsInMatrix, nextFromSlack } from '../support/reading.ts';
import { verdictFigures } from '../verdict.ts';

interface Plan {
  readonly rooms: number;
  readonly crashes: number;
  /** How long the database is away after the last crash, in seconds. */
  readonly away: number;
  /** How long Slack waits before it sends an event again, in milliseconds. Its own times in the long form. */
  readonly retryDelaysMs: readonly number[];
  /** How long after that nothing may come while something is missing, in milliseconds. */
  readonly patience: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { rooms: 1, crashes: 2, away: 1, retryDelaysMs: [0, 1_000, 3_000, 9_000], patience: 30_000 },
  short: { rooms: 2, crashes: 4, away: 15, retryDelaysMs: [0, 5_000, 20_000], patience: 60_000 },
  long: { rooms: 3, crashes: 20, away: 300, retryDelaysMs: [0, 60_000, 300_000], patience: 330_000 },
};

/** Messages of each room and side. */
const perSecond = 2.5;

/** Slack and the homeserver go through doors that remember every acknowledgement. */
export const r6: Scenario = {
  id: 'R6',
  title: 'PostgreSQL crashes again and again, and is away for minutes, while people write',
  minutes: { quick: 0.4, short: 2, long: 17 },
  async run(run) {
    const database = await startOwnDatabase();
    const port = await freePort();
    const scene = await startScene({
      transport: 'http',
      databaseUrl: database.url,
      config: { appservice: { port } },
      startBridge: false,
    }).catch(async (error: unknown) => {
      await database.remove();
      throw error;
    });
    const doors = [
      await openDoor(scene.slot.port, port),
      await openDoor(0, Number(new URL(scene.eventsUrl).port)),
    ] as const;
    try {
      await scene.bridge.start();
      const requestUrl = `http://127.0.0.1:${doors[1].port}${new URL(scene.eventsUrl).pathname}`;
      await scene.slack.control.configureApp({ app: scene.slack.app.id, requestUrl });
      return await crashAgainAndAgain(run, { scene, database, doors });
    } finally {
      await scene.close();
      for (const door of doors) await door.shut();
      await database.remove();
    }
  },
};

interface Place {
  readonly scene: Scene;
  readonly database: OwnDatabase;
  readonly doors: readonly RecordingDoor[];
}

async function crashAgainAndAgain(run: Run, place: Place): Promise<readonly Figure[]> {
  const { scene, database, doors } = place;
  const { rooms, crashes, away, retryDelaysMs, patience } = plans[run.size];
  scene.slack.control.settings({ retryDelaysMs: [...retryDelaysMs] });
  const linked = await linkRooms(scene, rooms, 'room');
  using conversation = startConversation(scene, linked, {
    rate: rooms * perSecond,
    changes: false,
    random: run.random,
    mostWaiting: Infinity,
  });
  const recoveries: number[] = [];
  for (let crash = 1; crash <= crashes; crash += 1) {
    await sleep(300 + run.random() * 1000);
    await database.crash();
    if (crash === crashes) await sleep(away * 1000);
    await database.start();
    const back = performance.now();
    recoveries.push(((await nextFromSlack(scene, linked, idsInMatrix(scene, linked))) - back) / 1000);
    run.say(
      `${crash} crashes, ${conversation.said().length} messages, back in ${recoveries.at(-1)?.toFixed(2)} s`,
    );
  }
  await conversation.end();
  const verdict = await conversation.settled(patience, run.size === 'quick');
  sayComplaints(verdict, run.say);
  const acknowledged = idsIn(doors);
  const falselyAcknowledged = verdict.missing.filter((id) => acknowledged.has(id));
  const expected = rooms * (away + crashes * 3);
  return [
    figure('R6.crashes', recoveries.length, 'times', { atLeast: crashes }),
    ...verdictFigures('R6', verdict, Math.floor(expected)),
    figure('R6.acknowledged', acknowledged.size, 'messages', { atLeast: Math.floor(expected) }),
    figure('R6.falsely_acknowledged', falselyAcknowledged.length, 'messages', { atMost: 0 }),
    figure(
      'R6.refused',
      doors.reduce((sum, door) => sum + door.refused(), 0),
      'times',
      { atLeast: 1 },
    ),
    figure('R6.recovery', Math.max(...recoveries), 's', run.size === 'quick' ? null : { atMost: 5 }),
  ];
}

/** The messages in what was acknowledged. */
function idsIn(doors: readonly RecordingDoor[]): ReadonlySet<string> {
  const bodies = doors.flatMap(({ acknowledged }) => acknowledged);
  return new Set(
    bodies.flatMap((body) =>
      [...body.matchAll(/"(?:text|body)":"([SM]\d+-\d+) v1"/g)].map(([, id = '']) => id),
    ),
  );
}
