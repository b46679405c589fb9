import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type pg from 'pg';
import { eventId, portalId, slackUserId, ts } from '../../src/ids.ts';
import type { Change } from '../../src/portal/ports.ts';
import type { Ending, Work } from '../../src/queue/ports.ts';
import { createCatchUpState } from '../../src/store/catch-up-state.ts';
import { rowStatements } from '../../src/store/crypto/rows.ts';
import { connectClient } from '../../src/store/db.ts';
import { read } from '../../src/store/inbox-queries.ts';
import { subjectsSql } from '../../src/store/link-queries.ts';
import {
  readAttempt,
  readReactionChange,
  readReactions,
  readRelated,
} from '../../src/store/message-queries.ts';
import { createReadPlaces } from '../../src/store/read-places.ts';
import type { Reader } from '../../src/store/reader.ts';
import { changeQueries } from '../../src/store/turn-changes.ts';
import { turnQuery } from '../../src/store/turn-statement.ts';
import { linkOf, storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const portal = portalId(1);
const at = ts('1700000001.000100');
const event = eventId('$event');
const reaction = { portal, ts: at, sender: slackUserId('U1'), name: 'tada' };

// The tables are empty here: PostgreSQL left to itself would plan to read them from end to end, and keep that plan.
describe('a plan that was made while the tables were empty', () => {
  let bed: StoreBed;
  let client: pg.Client;
  before(async () => {
    bed = await storeBed();
    const store = await bed.open();
    await store.close();
    client = await connectClient({ url: bed.url }, 'test');
    await client.query('set plan_cache_mode = force_generic_plan');
  });
  after(async () => {
    await client.end();
    await bed.close();
  });

  /** Tables, and indexes of them, that the statement reads from end to end. */
  async function readWhole(text: string): Promise<readonly string[]> {
    const parameters = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
    await client.query(`prepare asked as ${text}`);
    const values = Array.from({ length: parameters }, () => 'null').join(', ');
    const { rows } = await client.query<Record<string, string>>(
      `explain execute asked${parameters === 0 ? '' : `(${values})`}`,
    );
    await client.query('deallocate asked');
    const lines = rows.map((row) => row['QUERY PLAN'] ?? '');
    assert.ok(lines.some((line) => line.includes('Index')));
    return wholeScans(lines);
  }

  async function assertLooksUp(statements: readonly string[], except: readonly string[] = []): Promise<void> {
    assert.ok(statements.length > 0);
    for (const text of statements) {
      const whole = await readWhole(text);
      assert.deepEqual(
        whole.filter((name) => !except.includes(name)),
        [],
        text,
      );
    }
  }

  it('for a turn looks up each row by an index', async () => {
    const { text } = turnQuery({ intake: [], work: [], lanes: [], complete: [], owner: 'me' });
    assert.match(text, /inbox/);
    await assertLooksUp([text], ['process_pkey']); // a row for each process that runs
  });

  it('for the messages that an event is about looks up each row by an index', async () => {
    await assertLooksUp([subjectsSql('$1::text[]')]);
  });

  it('for what a handler changes looks up each row by an index', async () => {
    const queries = changeQueries({ intake: [], work: rareWork(), lanes: [], complete: [], owner: 'me' });
    assert.equal(queries.length, 11);
    await assertLooksUp(queries.map(({ text }) => text));
  });

  it('for the rows of crypto stores looks up each by an index', async () => {
    await assertLooksUp(rowStatements);
  });

  it('for what waits in a lane looks up each row by an index', async () => {
    const texts: string[] = [];
    const recording = { query: async ({ text }: { text: string }) => (texts.push(text), { rows: [] }) };
    await read(recording as unknown as pg.Client, [], { statements: 0 }); // nothing else of it is used
    await assertLooksUp(texts);
  });

  it('for what handlers and histories ask looks up each row by an index', async () => {
    const texts: string[] = [];
    const reader: Pick<Reader, 'query'> = { query: async ({ text }) => (texts.push(text), []) };
    const all = reader as Reader; // the rest of it writes
    const catchUp = createCatchUpState(all);
    await catchUp.known(portal, { from: at });
    await catchUp.knownThread(portal, at, at);
    await catchUp.activeThreads(portal, at);
    await catchUp.seenFacts(portal, ['message:1.000000']);
    await catchUp.isWaiting(portal, '1' as never); // only its text counts here
    await readReactions(all, { event });
    await readReactions(all, { portal, ts: at });
    await readReactionChange(all, reaction);
    await readRelated(all, portal, at);
    await readAttempt(all, 'key');
    await createReadPlaces(all).newestUpTo(portal, at);
    assert.equal(texts.length, 11);
    // of the items that are parked, which are few, all are looked at
    await assertLooksUp(texts, ['inbox_parent']);
  });
});

/** What is looked up by an index says by what: without an `Index Cond` all of it is read. */
function wholeScans(plan: readonly string[]): readonly string[] {
  return plan.flatMap((line, number) => {
    const table = /Seq Scan on (\w+)/.exec(line)?.[1];
    if (table !== undefined) return table;
    const index = /Index (?:Only )?Scan (?:Backward )?(?:using|on) (\w+)/.exec(line)?.[1];
    if (index === undefined) return [];
    const rest = plan.slice(number + 1);
    const next = rest.findIndex((each) => each.includes('->'));
    const own = rest.slice(0, next === -1 ? rest.length : next);
    return own.some((each) => each.includes('Index Cond')) ? [] : index;
  });
}

/** One of each change, and each ending, that a turn has a statement of its own for. */
function rareWork(): readonly Work<Change>[] {
  const changes: readonly Change[] = [
    { type: 'edited', portal, ts: at, edit: 'mark' },
    { type: 'deleted', portal, ts: at },
    { type: 'grave', portal, ts: at },
    { type: 'reaction', reaction: { ...reaction, event, origin: 'slack', postedAs: '@ghost:hs' } },
    { type: 'reaction-removed', event },
    { type: 'reaction-changed', ...reaction, at },
    { type: 'related', related: { event, portal, ts: at, part: 'text', kind: 'edit' } },
    { type: 'attempt-settled', seq: 1, piece: 0, applied: true },
    { type: 'attempt-link', piece: 0, link: linkOf(portal, 1) },
  ];
  const endings: readonly Ending[] = [
    { type: 'retry', notBefore: 0, attempts: 1, error: 'an error' },
    { type: 'dead', reason: 'a-reason', error: 'an error' },
  ];
  const lease = { lane: 'portal:1:slack', epoch: 1, priority: 0 };
  return endings.map((ending, index) => ({ lease, seq: index, changes: index === 0 ? changes : [], ending }));
}
