import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../support/figure.ts';
import type { Random } from '../../support/random.ts';
import { startScene } from '../../support/bridge.ts';
import type { Scene } from '../../support/bridge.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import { gatherCrowd } from '../support/crowd.ts';
import { failpointFile, passedByMessages, passedByTraffic } from '../support/failpoint-names.ts';
import type { Failpoint } from '../support/failpoint-names.ts';
import { sayComplaints } from '../support/judge.ts';
import { patientSlack } from '../support/patient-slack.ts';
import { verdictFigures } from '../verdict.ts';

interface Extent {
  readonly rooms: number;
  readonly people: number;
  /** Acts a second, of each side. */
  readonly rate: number;
  /** Different points; absent: all. */
  readonly points?: number;
  /** Kills at each. */
  readonly times: number;
}

const extents: Readonly<Record<Size, Extent>> = {
  quick: { rooms: 3, people: 3, rate: 6, points: 3, times: 1 },
  short: { rooms: 12, people: 6, rate: 6, points: 20, times: 1 },
  long: { rooms: 30, people: 10, rate: 12, times: 20 },
};

/** More than anybody writes until the bridge was killed often enough. */
const enough = 20_000;
/** Within so many milliseconds a point is passed, or it is tried again later: its lanes may wait for an uncertain post. */
const passedWithin = 20_000;
/** A post under way at the kill is left alone until its call is over for sure, then looked for, in milliseconds. */
const patience = 90_000;

export const r2: Scenario = {
  id: 'R2',
  title: 'the bridge is killed at each named point, while people write, edit, delete and react on both sides',
  minutes: { quick: 0.8, short: 2, long: 28 },
  steps: 4,
  async run(run) {
    const { rooms, people, rate, points = passedByTraffic.length, times } = extents[run.size];
    const folder = temporaryFolder('failpoints');
    const file = join(folder.path, 'armed');
    const environment = { ...process.env, [failpointFile]: file };
    const scene = await startScene({
      config: { logging: { level: 'info' } },
      process: { nodeArguments: ['--conditions=failpoints'], environment },
    });
    try {
      patientSlack(scene);
      const crowd = await gatherCrowd(scene, { rooms, people });
      // on a slow machine it takes long until somebody deletes something
      const known = run.size === 'quick' ? passedByMessages : passedByTraffic;
      const wanted = shuffled(known, run.random).slice(0, points);
      const order = Array.from({ length: Math.ceil(times * run.share) }, () =>
        shuffled(wanted, run.random),
      ).flat();
      using conversation = startConversation(scene, crowd, {
        messages: enough,
        rate,
        changes: true,
        random: run.random,
      });
      const kills = await killAtPoints(scene, file, order, run);
      await conversation.end();
      const verdict = await conversation.settled(patience, run.size === 'quick');
      sayComplaints(verdict, run.say);
      return [
        ...verdictFigures('R2', verdict, order.length),
        figure('R2.kills', kills, 'times', { atLeast: order.length }),
      ];
    } finally {
      await scene.close();
      await folder.remove();
    }
  },
};

function shuffled<One>(list: readonly One[], random: Random): readonly One[] {
  const keyed = list.map((one) => ({ one, key: random() }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ one }) => one);
}

/** Kills the bridge once at each point of the list; a point that isn't passed soon goes to its end, three times at most. */
async function killAtPoints(
  scene: Scene,
  file: string,
  order: readonly Failpoint[],
  { random, say }: Run,
): Promise<number> {
  const line = order.map((point) => ({ point, tries: 0 }));
  let kills = 0;
  for (let next = line.shift(); next; next = line.shift()) {
    const pass = next.tries === 0 ? 1 + Math.floor(random() * 3) : 1; // some points are passed seldom
    await writeFile(file, `${next.point} ${pass}`);
    if (await isFired(file)) {
      await scene.bridge.ended();
      await scene.bridge.start();
      kills += 1;
      if (kills % 50 === 0) say(`killed ${kills} times`);
    } else if (next.tries < 3) line.push({ ...next, tries: next.tries + 1 });
    else say(`${next.point} was not passed`);
  }
  return kills;
}

/** Waits for the kill. When it doesn't come in time the point is disarmed, unless it comes just then. */
async function isFired(file: string): Promise<boolean> {
  const deadline = performance.now() + passedWithin;
  while (existsSync(file) && performance.now() < deadline) await sleep(10);
  await rm(file, { force: true });
  const fired = existsSync(`${file}.fired`);
  await rm(`${file}.fired`, { force: true });
  return fired;
}
