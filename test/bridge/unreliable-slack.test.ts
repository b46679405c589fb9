import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { eventId, ts } from '../../src/ids.ts';
import { readTransaction } from '../../src/matrix/transaction.ts';
import type { Worker } from '../../src/queue/worker.ts';
import type { Store } from '../../src/store/open-store.ts';
import type { World } from '../portal/support/world.ts';
import { makeWorld } from '../portal/support/world.ts';
import type { Json } from '../slack/support/payloads.ts';
import { makePortal, storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { randomFrom } from '../support/random.ts';
import { cutConnections, slackDelivery, startCore, storeSurely, untilDone } from './support/core.ts';
import { makeUnreliable } from './support/unreliable-slack.ts';

const rounds = Number(process.env['UNRELIABLE_ROUNDS'] ?? 2);
const steps = 250;
const room = '!room1:example.org';
interface Message {
  readonly event: string;
  text: string;
  redacted: boolean;
  /** Event ids of reactions that stand. */
  readonly reactions: Set<string>;
}

/** What people do in the room, as the homeserver tells it, and how it stands in the end. */
function conversation(random: () => number): {
  readonly events: readonly Json[];
  readonly messages: Message[];
} {
  const messages: Message[] = [];
  const events: Json[] = [];
  const some = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const words = (step: number): string =>
    `${step} `.padEnd(5 + Math.floor(random() * 35), `word${step} `).trim();
  for (let step = 1; step <= steps; step += 1) {
    const event = `$e${step}`;
    const base = { event_id: event, room_id: room, sender: '@ann:hs', origin_server_ts: 1 };
    const known = some(messages.filter(({ redacted }) => !redacted).slice(-10));
    const dice = random();
    if (!known || dice < 0.4) {
      const body = words(step);
      messages.push({ event, text: body, redacted: false, reactions: new Set() });
      events.push({ ...base, type: 'm.room.message', content: { msgtype: 'm.text', body } });
    } else if (dice < 0.6) {
      known.text = words(step);
      const fresh = { msgtype: 'm.text', body: known.text };
      const relation = { rel_type: 'm.replace', event_id: known.event };
      const content = { ...fresh, body: `* ${known.text}`, 'm.new_content': fresh, 'm.relates_to': relation };
      events.push({ ...base, type: 'm.room.message', content });
    } else if (dice < 0.7) {
      known.redacted = true;
      events.push({ ...base, type: 'm.room.redaction', redacts: known.event, content: {} });
    } else if (dice < 0.85 || known.reactions.size === 0) {
      known.reactions.add(event);
      const relation = { rel_type: 'm.annotation', event_id: known.event, key: '🎉' };
      events.push({
        ...base,
        sender: `@p${step}:hs`,
        type: 'm.reaction',
        content: { 'm.relates_to': relation },
      });
    } else {
      const [taken = ''] = known.reactions;
      known.reactions.delete(taken);
      events.push({ ...base, type: 'm.room.redaction', redacts: taken, content: {} });
    }
  }
  return { events, messages };
}

const tsOfNone = ts('1.000000');

function redactedByPeople(messages: readonly Message[], event: string | undefined): boolean {
  return messages.some((message) => message.redacted && message.event === event);
}

describe('what people write in Matrix, while Slack and the database fail and the worker is started anew', () => {
  let bed: StoreBed;
  beforeEach(async () => {
    bed = await storeBed();
  });
  afterEach(() => bed.close());

  /** Long waits are cut short, the portals' clock goes on all the same. */
  function start(store: Store, world: World): Worker {
    return startCore(store, world, (handle) => async (turn) => {
      try {
        await handle(turn);
      } catch (error) {
        if (!(error instanceof TryLater) || error.after === undefined || error.after < 100) throw error;
        world.clock.at += error.after;
        throw new TryLater(error.message, { after: 5, ...(error.target && { target: error.target }) });
      }
    });
  }

  async function bridge(seed: number): Promise<void> {
    const random = randomFrom(seed);
    const store = await bed.open();
    const { id } = await store.portals.setStatus((await makePortal(store, 1)).id, 'live');
    const world = makeWorld();
    world.slack.pieceLength = 12;
    let over = false;
    const { messages: posted } = makeUnreliable(world.slack, random, async (body) => {
      if (!over) await storeSurely(store.intake, [slackDelivery(body)]);
    });
    const { events, messages } = conversation(random);
    let worker = start(store, world);
    for (let next = 0; next < events.length;) {
      const some = events.slice(next, next + 1 + Math.floor(random() * 10));
      next += some.length;
      const body = Buffer.from(JSON.stringify({ events: some }));
      await storeSurely(store.intake, readTransaction(body, () => false).deliveries);
      await sleep(random() * 10);
      if (random() < 0.05) await cutConnections(bed.url);
      if (random() < 0.1) {
        await worker.drain(0);
        worker = start(store, world);
      }
    }
    await untilDone(bed.url, store, worker);
    over = true;
    await worker.drain(1000);
    assert.deepEqual(
      world.matrix.of('redact').filter(({ target }) => !redactedByPeople(messages, target)),
      [],
    );
    let posts = 0;
    for (const { event, text, redacted, reactions } of messages) {
      const links = await store.links.byEvent(eventId(event));
      const pieces = links.map((link) => posted.get(link.ts)?.text);
      posts += pieces.length;
      const shown = [...(posted.get(links[0]?.ts ?? tsOfNone)?.reactions ?? [])];
      const found = { seed, event, text: pieces.join(''), reactions: redacted ? [] : shown };
      const expected = redacted ? [] : reactions.size > 0 ? ['tada'] : [];
      assert.deepEqual(found, { seed, event, text: redacted ? '' : text, reactions: expected });
    }
    assert.equal(
      posted.size,
      posts,
      `seed ${seed}: ${posted.size} posts, ${posts} are linked (portal ${id})`,
    );
  }

  for (let round = 1; round <= rounds; round += 1)
    it(`stands in Slack once, in its last form (${round})`, () => bridge(round * 104_729));
});
