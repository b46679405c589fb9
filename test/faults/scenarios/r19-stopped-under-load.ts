import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../support/figure.ts';
import { startScene } from '../../support/bridge.ts';
import type { Scene } from '../../support/bridge.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
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
  readonly stops: number;
  /** From each side, at most: more than anybody writes until the bridge was stopped often enough. */
  readonly messages: number;
}

const extents: Readonly<Record<Size, Extent>> = {
  quick: { rooms: 2, people: 3, rate: 15, stops: 2, messages: 40 },
  short: { rooms: 6, people: 6, rate: 12, stops: 15, messages: 20_000 },
  long: { rooms: 20, people: 10, rate: 20, stops: 50, messages: 20_000 },
};

const patience = 90_000;

export const r19: Scenario = {
  id: 'R19',
  title: 'the bridge is stopped by SIGTERM under load, and started again',
  minutes: { quick: 0.4, short: 2, long: 6 },
  async run(run) {
    const { stops, rate, messages, ...crowd } = extents[run.size];
    const scene = await startScene({ config: { logging: { level: 'info' } } });
    try {
      patientSlack(scene);
      const rooms = await gatherCrowd(scene, crowd);
      using conversation = startConversation(scene, rooms, {
        messages,
        rate,
        changes: true,
        random: run.random,
      });
      const { longest, failed } = await stopAgainAndAgain(scene, stops, run);
      await conversation.end();
      const verdict = await conversation.settled(patience, run.size === 'quick');
      sayComplaints(verdict, run.say);
      return [
        ...verdictFigures('R19', verdict, stops),
        figure('R19.exit', longest, 's', run.size === 'quick' ? null : { atMost: 10 }), // a busy machine is slow
        figure('R19.exit_status', failed, 'times', { atMost: 0 }),
      ];
    } finally {
      await scene.close();
    }
  },
};

/** How many seconds the slowest exit took, and how many had another status than 0. */
async function stopAgainAndAgain(
  { bridge }: Scene,
  stops: number,
  { random }: Run,
): Promise<{ readonly longest: number; readonly failed: number }> {
  let longest = 0;
  let failed = 0;
  for (let count = 0; count < stops; count += 1) {
    await sleep(500 + random() * 1500);
    const asked = performance.now();
    if ((await bridge.stop()) !== 0) failed += 1;
    longest = Math.max(longest, (performance.now() - asked) / 1000);
    await bridge.start();
  }
  return { longest, failed };
}
