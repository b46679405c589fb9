import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../support/figure.ts';
import { startScene } from '../../support/bridge.ts';
import type { Scene } from '../../support/bridge.ts';
import { backUp } from '../restore/backup.ts';
import type { Backup } from '../restore/backup.ts';
import type { Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import { gatherCrowd } from '../support/crowd.ts';
import { sayComplaints } from '../support/judge.ts';
import { patientSlack } from '../support/patient-slack.ts';
import { verdictFigures } from '../verdict.ts';

interface Extent {
  readonly rooms: number;
  readonly people: number;
  /** Acts a second, of each side. */
  readonly rate: number;
  /** How long people write before the backup, and how old it is when it is restored, in seconds. */
  readonly before: number;
  readonly age: number;
  /** From each side, at most: more than anybody writes in that time. */
  readonly messages: number;
}

const extents: Readonly<Record<Size, Extent>> = {
  quick: { rooms: 2, people: 3, rate: 6, before: 2, age: 4, messages: 50 },
  short: { rooms: 4, people: 6, rate: 8, before: 10, age: 45, messages: 2_000 },
  long: { rooms: 10, people: 10, rate: 10, before: 30, age: 600, messages: 20_000 },
};

/** People write on for so long while the bridge compares both sides, in milliseconds. */
const afterwards = 1_500;
const patience = 90_000;

export const r22: Scenario = {
  id: 'R22',
  title: 'the database is restored from a backup, both sides having gone on',
  minutes: { quick: 0.5, short: 2, long: 14 },
  async run(run) {
    const { before, age, rate, messages, ...crowd } = extents[run.size];
    const scene = await startScene({ config: { logging: { level: 'info' } } });
    let backup: Backup | undefined;
    try {
      patientSlack(scene);
      const rooms = await gatherCrowd(scene, crowd);
      using conversation = startConversation(scene, rooms, {
        messages,
        rate,
        changes: true,
        random: run.random,
      });
      await sleep(before * 1000);
      backup = await whileKilled(scene, () => backUp(scene.databaseUrl));
      await sleep(age * 1000);
      await whileKilled(scene, async () => {
        await conversation.noteLate();
        await backup?.restore();
      });
      await sleep(afterwards);
      await conversation.end();
      const verdict = await conversation.settled(patience, run.size === 'quick');
      sayComplaints(verdict, run.say);
      const log = await scene.log();
      return [
        ...verdictFigures('R22', verdict, crowd.rooms),
        figure('R22.noticed', occurrences(log, 'a backup was restored'), 'times', { atLeast: 1 }),
        figure('R22.compared', occurrences(log, 'was compared with its backup'), 'times', {
          atLeast: crowd.rooms,
        }),
      ];
    } finally {
      await scene.close();
      await backup?.drop();
    }
  },
};

/** The bridge is killed in the middle of its work, whatever that is, and started again afterwards. */
async function whileKilled<T>({ bridge }: Scene, work: () => Promise<T>): Promise<T> {
  await bridge.kill();
  const result = await work();
  await bridge.start();
  return result;
}

function occurrences(text: string, words: string): number {
  return text.split(words).length - 1;
}
