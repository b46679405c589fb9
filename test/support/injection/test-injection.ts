import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../bridge.ts';
import type { LinkedRoom, Scene } from '../bridge.ts';
import { eventually } from '../bridge/eventually.ts';
import { highlights } from '../bridge/highlights.ts';
import { attacks } from './attacks.ts';
import { judgeInMatrix, sendToMatrix } from './into-matrix.ts';
import { judgeInSlack, sendToSlack } from './into-slack.ts';
import { judgeTopicInMatrix, judgeTopicInSlack } from './topics.ts';

/** Sent before the next are: the sandbox keeps the youngest calls only. */
const atOnce = 100;

/** Topics change one after the other: few of the strings. */
const topics = 12;

/** Tests with so many different strings on real servers, half of them each way. */
export function testInjection(count: number): void {
  let scene: Scene;
  let linked: LinkedRoom;
  let strings: readonly string[];
  const half = Math.ceil(count / 2);

  before(async () => {
    scene = await startScene();
    linked = await scene.linkedRoom('town');
    const targets = {
      matrixUser: scene.bob.userId,
      matrixName: 'Bob',
      room: linked.room,
      slackUser: scene.slack.ben,
      channel: linked.channel.id,
    };
    strings = attacks(targets, count);
  });
  after(() => scene?.close());

  test(`${half} strings in Slack’s texts and names become no element and no mention in Matrix`, async () => {
    for (const part of parts(strings.filter((_, index) => index % 2 === 0))) {
      const sent = sendToMatrix(scene, linked, part);
      const marks = new Set(sent.map(({ mark }) => mark));
      await eventually(
        () => marks.size === seenOf(scene, linked, marks),
        () => `Only ${seenOf(scene, linked, marks)} of ${marks.size} came to Matrix.`,
        60_000,
        250,
      );
      judgeInMatrix(scene, linked, sent);
    }
  });

  test(`${count - half} strings in Matrix’s texts and names become no mention, call or link in Slack`, async () => {
    for (const part of parts(strings.filter((_, index) => index % 2 === 1)))
      await judgeInSlack(scene, await sendToSlack(scene, linked, part));
  });

  test('a topic is text, and its marks, on both sides', async () => {
    for (const [index, attack] of strings.filter((each) => each.length < 200).entries()) {
      if (index % Math.ceil(count / topics) > 0) continue;
      await judgeTopicInMatrix(scene, linked, attack, `ts${index}.`);
      await judgeTopicInSlack(scene, linked, attack, `tm${index}.`);
    }
  });

  test('nobody’s homeserver counted a call; one that is meant is counted', async () => {
    const { alice, bob } = scene;
    assert.equal(await highlights(bob, linked.room), 0);
    await alice.say(linked.room, { body: 'Bob?', html: 'Bob?', mentions: [bob.userId] });
    let counted = 0;
    await eventually(
      async () => {
        counted = await highlights(bob, linked.room);
        return counted === 1;
      },
      () => `Bob was called once; ${counted} calls were counted.`,
    );
  });
}

function parts(strings: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(strings.length / atOnce);
  return Array.from({ length: count }, (_, index) => strings.slice(index * atOnce, (index + 1) * atOnce));
}

function seenOf({ bob }: Scene, { room }: LinkedRoom, marks: ReadonlySet<string>): number {
  const bodies = bob
    .room(room)
    .messages()
    .map(({ body }) => body)
    .join('\n');
  return [...marks].filter((mark) => bodies.includes(mark)).length;
}
