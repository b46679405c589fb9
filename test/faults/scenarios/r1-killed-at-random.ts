import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../support/figure.ts';
import { startScene } from '../../support/bridge.ts';
import type { Scene } from '../../support/bridge.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import type { Conversation } from '../support/conversation.ts';
import { gatherCrowd } from '../support/crowd.ts';
import { sayComplaints } from '../support/judge.ts';
import { patientSlack } from '../support/patient-slack.ts';
import { verdictFigures } from '../verdict.ts';

interface Extent {
  readonly rooms: number;
  /** On each side. */
  readonly people: number;
  /** Each way. */
  readonly messages: number;
  /** A second, each way. */
  readonly rate: number;
  readonly kills: number;
  /** Between the end of a start, which takes a second or two, and the next kill, in milliseconds: the least, and how much more at most. */
  readonly pause: readonly [number, number];
}

const extents: Readonly<Record<Size, Extent>> = {
  quick: { rooms: 3, people: 3, messages: 60, rate: 15, kills: 2, pause: [500, 1000] },
  short: { rooms: 12, people: 10, messages: 400, rate: 10, kills: 10, pause: [1000, 4000] },
  long: { rooms: 200, people: 25, messages: 10_000, rate: 12, kills: 200, pause: [500, 2500] },
};

/** A post under way at the kill is left alone until its call is over for sure, then looked for, in milliseconds. */
const patience = 90_000;

export const r1: Scenario = {
  id: 'R1',
  title: 'the bridge is killed again and again while people write in many rooms on both sides',
  minutes: { quick: 0.6, short: 2, long: 28 },
  async run(run) {
    const extent = extents[run.size];
    const scene = await startScene({ config: { logging: { level: 'info' } } });
    try {
      patientSlack(scene);
      const rooms = await gatherCrowd(scene, extent);
      run.say(`${extent.rooms} rooms are linked`);
      using conversation = startConversation(scene, rooms, { ...extent, changes: false, random: run.random });
      const kills = await killAmidst(scene, conversation, extent, run);
      run.say(`killed ${kills} times, all is written`);
      const verdict = await conversation.settled(patience, run.size === 'quick');
      sayComplaints(verdict, run.say);
      return [
        ...verdictFigures('R1', verdict, 2 * extent.messages),
        figure('R1.kills', kills, 'times', { atLeast: extent.kills }),
      ];
    } finally {
      await scene.close();
    }
  },
};

/** Kills and starts the bridge until everything is written, and at least as often as wanted. */
async function killAmidst(
  { bridge }: Scene,
  conversation: Conversation,
  { kills, pause: [least, more] }: Extent,
  { random, say }: Run,
): Promise<number> {
  let killed = 0;
  while (!conversation.isWritten() || killed < kills) {
    await sleep(least + random() * more);
    await bridge.kill('SIGKILL');
    killed += 1;
    await bridge.start();
    if (killed % 20 === 0) say(`killed ${killed} times`);
  }
  await conversation.written;
  return killed;
}
