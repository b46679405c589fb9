import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import { startTraffic } from '../../support/bridge/traffic.ts';

/**
 * Alice and Bob, who are linked with Ann and Ben, write on both sides at once, while Slack tells of it before it answers, out
 * of order and several times.
 *
 * @param count messages on each side.
 * @returns of all those texts what is missing on either side, and what stands there twice.
 */
export async function linkedTraffic(
  scene: Scene,
  linked: LinkedRoom,
  count: number,
): Promise<{ readonly lost: readonly string[]; readonly doubled: readonly string[] }> {
  const { control } = scene.slack;
  control.seedFaults({ seed: 7 });
  const match = { channel: linked.channel.id, probability: 0.3 };
  control.addFault({ on: 'event', match, fault: { type: 'duplicate', copies: 2, ms: 50 } });
  control.addFault({ on: 'event', match, fault: { type: 'reorder', events: 3, ms: 300 } });
  control.addFault({
    on: 'api',
    match: { method: 'chat.postMessage', probability: 0.5 },
    fault: { type: 'event_first' },
  });
  try {
    const { toSlack, toMatrix } = await startTraffic(scene, [linked], count).settled(60_000 + count * 200);
    const lost = [...toSlack, ...toMatrix].flatMap((arrival) => arrival.lost);
    return { lost, doubled: [...twice(textsInSlack(scene, linked)), ...twice(textsInMatrix(scene, linked))] };
  } finally {
    control.clearFaults({});
  }
}

function textsInSlack({ slack }: Scene, { channel }: LinkedRoom): readonly string[] {
  return slack.posts(channel).map(shown);
}

function textsInMatrix({ alice }: Scene, { room }: LinkedRoom): readonly string[] {
  return alice
    .room(room)
    .messages()
    .map(({ body }) => body);
}

/** The numbered texts that stand there more than once. */
function twice(texts: readonly string[]): readonly string[] {
  const numbered = texts.filter((text) => text.startsWith('from '));
  return numbered.filter((text, index) => numbered.indexOf(text) !== index);
}
