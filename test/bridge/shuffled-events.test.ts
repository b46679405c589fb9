import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { ts as tsId } from '../../src/ids.ts';
import { slackEvent } from '../../src/slack/inbound.ts';
import type { RecordedMatrix } from '../portal/support/recorded-matrix.ts';
import { makeWorld } from '../portal/support/world.ts';
import { bytes, callback, written } from '../slack/support/payloads.ts';
import type { Json } from '../slack/support/payloads.ts';
import { makePortal, storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { randomFrom } from '../support/random.ts';
import { cutConnections, slackDelivery, startCore, storeSurely, teams, untilDone } from './support/core.ts';
import { shownIn } from './support/shown.ts';

const rounds = Number(process.env['SHUFFLED_ROUNDS'] ?? 2);
const steps = 500;
/** How far events are moved, in places. */
const farthest = 80;

interface Message {
  readonly ts: string;
  readonly thread: string | undefined;
  text: string;
  edited: string | undefined;
  deleted: boolean;
  readonly reactions: Set<string>;
}

/** What people did in a channel, as Slack tells it, and how it stands in the end. */
function conversation(random: () => number): {
  readonly events: readonly Json[];
  readonly messages: Message[];
} {
  const messages: Message[] = [];
  const events: Json[] = [];
  const some = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const body = (message: Message): Json =>
    written(message.text, {
      ts: message.ts,
      ...(message.thread !== undefined && { thread_ts: message.thread }),
      ...(message.edited !== undefined && { edited: { user: 'U1', ts: message.edited } }),
    });
  for (let step = 1; step <= steps; step += 1) {
    const now = `1700000100.${String(step).padStart(6, '0')}`;
    const change = { type: 'message', channel: 'C1', ts: now, event_ts: now };
    const known = some(messages.filter(({ deleted }) => !deleted).slice(-25));
    const dice = random();
    if (!known || dice < 0.4) {
      const root = dice < 0.15 ? known : undefined;
      const thread = root && (root.thread ?? root.ts);
      const text = `message ${step}`;
      const message = {
        ts: now,
        thread,
        text,
        edited: undefined,
        deleted: false,
        reactions: new Set<string>(),
      };
      messages.push(message);
      events.push({ ...body(message), event_ts: now });
    } else if (dice < 0.6) {
      const previous = body(known);
      known.text = `edited at ${step}`;
      known.edited = now;
      events.push({
        ...change,
        subtype: 'message_changed',
        message: body(known),
        previous_message: previous,
      });
    } else if (dice < 0.65) {
      known.deleted = true;
      events.push({
        ...change,
        subtype: 'message_deleted',
        deleted_ts: known.ts,
        previous_message: body(known),
      });
    } else {
      const user = some(['U1', 'U2', 'U3']) ?? 'U1';
      const given = !known.reactions.delete(user);
      if (given) known.reactions.add(user);
      const type = given ? 'reaction_added' : 'reaction_removed';
      const item = { type: 'message', channel: 'C1', ts: known.ts };
      events.push({ type, user, reaction: 'tada', item, event_ts: now });
    }
  }
  return { events, messages };
}

/** Each one to four times, some under another id, all moved about. */
function shuffled(events: readonly Json[], random: () => number): readonly Json[] {
  const moved = events.flatMap((event, index) =>
    Array.from({ length: 1 + Math.floor(random() * 4) }, (_, copy) => ({
      place: index + random() * farthest,
      body: callback(event, { event_id: `Ev${index}${random() < 0.2 ? `x${copy}` : ''}` }),
    })),
  );
  return moved.toSorted((a, b) => a.place - b.place).map(({ body }) => body);
}

/** Effects fail before and after they are made, as with a homeserver that is overloaded. */
function failNowAndThen(matrix: RecordedMatrix, random: () => number): void {
  function failing<Args extends readonly unknown[], Result>(effect: (...args: Args) => Promise<Result>) {
    return async (...args: Args): Promise<Result> => {
      const dice = random();
      const away = new TryLater('away', {
        target: dice < 0.02 ? 'matrix' : 'room:!room1:example.org',
        after: 5,
      });
      if (dice < 0.04) throw away;
      const result = await effect(...args);
      if (dice > 0.96) throw away;
      return result;
    };
  }
  matrix.send = failing(matrix.send);
  matrix.edit = failing(matrix.edit);
  matrix.redact = failing(matrix.redact);
  matrix.react = failing(matrix.react);
}

describe('events from Slack that come several times and in any order', () => {
  let bed: StoreBed;
  beforeEach(async () => {
    bed = await storeBed();
  });
  afterEach(() => bed.close());

  async function bridge(seed: number, faults: boolean): Promise<void> {
    const random = randomFrom(seed);
    const store = await bed.open();
    const portal = await store.portals.setStatus((await makePortal(store, 1)).id, 'live');
    const { events, messages } = conversation(random);
    const world = makeWorld();
    if (faults) failNowAndThen(world.matrix, random);
    for (const { ts, thread, text, deleted, edited } of messages) {
      if (deleted) continue;
      const event = slackEvent(
        bytes(callback(written(text, { ts, ...(thread && { thread_ts: thread }) }))),
        teams,
      );
      assert.ok(event.type === 'message');
      world.slack.messages.set(tsId(ts), { ...event, ...(edited && { editTs: tsId(edited) }) });
    }
    const worker = startCore(store, world);
    const deliveries = shuffled(events, random).map(slackDelivery);
    while (deliveries.length > 0) {
      await storeSurely(store.intake, deliveries.splice(0, 1 + Math.floor(random() * 20)));
      if (random() < 0.5) await tick();
      if (random() < 0.1) await worker.idle();
      if (faults && random() < 0.05) await cutConnections(bed.url);
    }
    await untilDone(bed.url, store, worker);
    await worker.drain(1000);
    const shown = shownIn(world.matrix);
    for (const { ts, text, deleted, reactions } of messages) {
      const links = await store.links.byTs(portal.id, tsId(ts));
      const event = links[0]?.event;
      const found = event === undefined ? undefined : shown.get(event);
      const name = `seed ${seed}, message ${ts}`;
      if (deleted) assert.equal(found, undefined, name);
      else assert.deepEqual(found, { text, reactions: [...reactions].toSorted() }, name);
    }
    assert.equal(shown.size, messages.filter(({ deleted }) => !deleted).length);
  }

  for (let round = 1; round <= rounds; round += 1)
    for (const faults of [false, true])
      it(`leave the room as the channel is${faults ? ', whatever fails' : ''} (${round})`, () =>
        bridge(round * 7919, faults));
});
