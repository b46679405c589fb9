import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../../bench/statistics.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';

const others = 3;
const messages = 8;
const retryAfterSeconds = 2;

/**
 * How long messages from Matrix take to other channels while Slack limits one channel, and while it doesn't, in turn: the
 * 95th percentiles in milliseconds.
 */
export async function compareChannels(
  scene: Scene,
  rounds: number,
): Promise<{ readonly calm: number; readonly limited: number }> {
  const limited = await scene.linkedRoom('limited');
  const rooms: LinkedRoom[] = [];
  for (let number = 1; number <= others; number += 1) rooms.push(await scene.linkedRoom(`beside-${number}`));
  const times = { calm: [] as number[], limited: [] as number[] };
  await timesOf(scene, rooms, 'warm'); // the first message of a person costs more
  for (let round = 0; round < rounds; round += 1) {
    times.calm.push(...(await timesOf(scene, rooms, `calm ${round}`)));
    times.limited.push(...(await besideLimited(scene, limited, rooms, round)));
  }
  return { calm: percentile(times.calm, 95), limited: percentile(times.limited, 95) };
}

async function besideLimited(
  scene: Scene,
  limited: LinkedRoom,
  rooms: readonly LinkedRoom[],
  round: number,
): Promise<readonly number[]> {
  const { alice, slack } = scene;
  const rule = slack.control.addFault({
    on: 'api',
    match: { method: 'chat.postMessage', channel: limited.channel.id },
    fault: { type: 'rate_limited', retryAfterSeconds },
  });
  const texts = [1, 2, 3].map((number) => `limited ${round} ${number}`);
  for (const text of texts) await alice.say(limited.room, text);
  const times = await timesOf(scene, rooms, `beside ${round}`);
  slack.control.clearFaults({ id: rule.id });
  for (const text of texts) await slack.waitForText(limited.channel, text, 30_000);
  return times;
}

/** From a message's sending to its post's own time. */
async function timesOf(
  { alice, slack }: Scene,
  rooms: readonly LinkedRoom[],
  name: string,
): Promise<readonly number[]> {
  const sent: { readonly linked: LinkedRoom; readonly text: string; readonly at: number }[] = [];
  for (let number = 0; number < messages; number += 1) {
    for (const linked of rooms) {
      const text = `${name} ${number}`;
      sent.push({ linked, text, at: Date.now() });
      await alice.say(linked.room, text);
    }
    await sleep(100);
  }
  const times: number[] = [];
  for (const { linked, text, at } of sent)
    times.push(Number((await slack.waitForText(linked.channel, text, 30_000)).ts) * 1000 - at);
  return times;
}
