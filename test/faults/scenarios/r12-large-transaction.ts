import { startScene } from '../../support/bridge.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { arrivalOf } from '../../support/bridge/arrival.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { freePort } from '../../support/ports.ts';
import { openDoor } from '../outage/recording-door.ts';
import type { RecordingDoor } from '../outage/recording-door.ts';
import type { Run, Scenario, Size } from '../scenario.ts';

const counts: Readonly<Record<Size, number>> = { quick: 12, short: 100, long: 100 };

/** What an event holds besides its text takes some of its 64 KiB. */
const textLength = 63_000;
/** The bridge takes no larger transaction; none of 100 events is. */
const mostBytes = 16 * 1024 * 1024;

/**
 * The events are real ones, which the homeserver couldn't deliver. They come in one transaction first, and then from the
 * homeserver again.
 */
export const r12: Scenario = {
  id: 'R12',
  title: 'a transaction of 100 events of 64 KiB',
  minutes: { quick: 0.3, short: 0.8, long: 0.8 },
  async run(run) {
    const port = await freePort();
    const config = { appservice: { port } };
    const scene = await startScene({ config, startBridge: false });
    const { slot } = scene;
    let door = await openDoor(slot.port, port);
    try {
      await scene.bridge.start();
      const linked = await scene.linkedRoom('long-texts');
      await door.shut();
      const figures = await sendLarge(run, scene, linked, port);
      door = await openDoor(slot.port, port);
      return [...figures, ...(await compare(run, scene, linked, door))];
    } finally {
      await scene.close();
      await door.shut();
    }
  },
};

/** The words of one text: each stands nowhere else. */
function wordsOf(number: number): readonly string[] {
  const words: string[] = [];
  for (let length = 0; length < textLength;) {
    const word = `word-${number}-${words.length}`;
    words.push(word);
    length += word.length + 1;
  }
  return words;
}

async function sendLarge(
  run: Run,
  { alice, slot }: Scene,
  { room }: LinkedRoom,
  port: number,
): Promise<readonly Figure[]> {
  const count = counts[run.size];
  const ids = new Set<string>();
  for (let number = 0; number < count; number += 1) ids.add(await alice.say(room, wordsOf(number).join(' ')));
  const events = await alice.waitFor(
    room,
    (seen) => {
      const found = seen.events().filter(({ event_id: id }) => ids.has(id));
      return found.length === count
        ? found.map((event) => Object.assign({ room_id: room }, event))
        : undefined;
    },
    240_000,
  );
  run.say(`${count} events of ${Math.round(JSON.stringify(events[0]).length / 1024)} KiB`);
  const url = `http://127.0.0.1:${port}/_matrix/app/v1/transactions`;
  const headers = { authorization: `Bearer ${slot.hsToken}`, 'content-type': 'application/json' };

  const tooMany = Array.from(
    { length: Math.ceil(mostBytes / textLength) },
    (_, index) => events[index % count],
  );
  const tooLarge = await fetch(`${url}/too-large`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ events: tooMany }),
  });
  const refused = tooLarge.status === 413 && (await tooLarge.text()).includes('M_TOO_LARGE');

  const body = JSON.stringify({ events });
  const begun = performance.now();
  const answer = await fetch(`${url}/large`, { method: 'PUT', headers, body });
  const seconds = (performance.now() - begun) / 1000;
  return [
    figure('R12.too_large_refused', refused ? 1 : 0, 'times', { atLeast: 1 }),
    figure('R12.acknowledged', answer.status === 200 ? count : 0, 'events', { atLeast: count }),
    figure('R12.size', body.length / 1024 / 1024, 'MiB'),
    figure('R12.acknowledgement', seconds, 's', run.size === 'quick' ? null : { atMost: 1 }),
  ];
}

/** Every word has to stand in Slack, once, in order. */
async function compare(
  run: Run,
  { slack, alice }: Scene,
  { channel, room }: LinkedRoom,
  door: RecordingDoor,
): Promise<readonly Figure[]> {
  const count = counts[run.size];
  const last = await alice.say(room, 'That was long.');
  await eventually(
    () => door.acknowledged.some((body) => body.includes(last)),
    () => 'The homeserver did not send what it had kept.',
    240_000,
    200,
  );
  await slack.waitForText(channel, 'That was long.', 240_000);
  const written = Array.from({ length: count }, (_, number) => wordsOf(number)).flat();
  const arrived = slack.posts(channel).flatMap((post) => shown(post).split(/\s+/));
  const { lost, doubled, outOfOrder } = arrivalOf(written, arrived);
  const none = { atMost: 0 };
  return [
    figure('R12.lost', lost.length, 'words', none),
    figure('R12.doubled', doubled.length, 'words', none),
    figure('R12.out_of_order', outOfOrder.length, 'words', none),
  ];
}
