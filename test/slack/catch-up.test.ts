import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Ts } from '../../src/ids.ts';
import { ts as tsId } from '../../src/ids.ts';
import { catchUp } from '../../src/slack/catch-up.ts';
import type { Kept, Told } from './support/told-channel.ts';
import { bot, portal, toldChannel } from './support/told-channel.ts';

const patience = { signal: new AbortController().signal };
const from = tsId('0900.000000');
const all = { from, repliesFrom: from, threadsSince: from };

/** The nth message; the first two are older than the portal. */
const tsOf = (n: number): Ts => tsId(`${String(998 + n)}.000100`.padStart(11, '0'));

const reactions = fc.uniqueArray(fc.constantFrom('U1 tada', 'U2 tada', 'U2 +1', `${bot} eyes`), {
  maxLength: 4,
});
const edit = fc.constantFrom('', '2000.000000', '2001.000000');
const changedAt = fc.constantFrom(undefined, '2000.500000', '3000.000000');

const roots = 5;
const spot = fc.record({
  told: fc.option(
    fc.record({
      kind: fc.constantFrom<Told['kind']>(
        'message',
        'message',
        'message',
        'tombstone',
        'notice',
        'ours',
        'ours-without-key',
      ),
      edited: edit,
      reactions,
      root: fc.nat(roots - 1),
      broadcast: fc.boolean(),
    }),
    { nil: undefined },
  ),
  kept: fc.option(
    fc.record({
      state: fc.constantFrom<Kept['state']>('standing', 'standing', 'waiting', 'left-out', 'gone'),
      edits: fc.array(edit, { minLength: 1, maxLength: 2 }),
      given: reactions,
      changed: changedAt,
      inChannel: fc.boolean(),
    }),
    { nil: undefined },
  ),
});

type Spot = typeof spot extends fc.Arbitrary<infer T> ? T : never;

/** The first few are roots, the rest replies. A reply is there only as long as its root is, or its tombstone. */
function toldOf(spots: readonly Spot[]): readonly Told[] {
  return spots.flatMap(({ told }, n): readonly Told[] => {
    if (told === undefined) return [];
    const { kind, edited, reactions: given, root, broadcast } = told;
    const isReply = n >= roots;
    if (isReply && (spots[root]?.told === undefined || kind === 'tombstone' || kind === 'notice')) return [];
    const thread = isReply ? { threadTs: tsOf(root), ...(broadcast && { broadcast }) } : {};
    const withEdit = edited === '' ? {} : { edited };
    return [{ ts: tsOf(n), kind, ...thread, ...withEdit, reactions: kind === 'tombstone' ? [] : given }];
  });
}

function keptOf(spots: readonly Spot[], told: readonly Told[]): Map<Ts, Kept> {
  return new Map(
    spots.flatMap(({ told: at, kept }, n): readonly (readonly [Ts, Kept])[] => {
      if (kept === undefined || at?.kind === 'notice') return [];
      const { state, edits, given, changed, inChannel } = kept;
      const ts = tsOf(n);
      const thread = n >= roots ? { threadTs: tsOf(at?.root ?? 0) } : {};
      const ours = told.find((each) => each.ts === ts)?.kind.startsWith('ours') === true;
      const known = given.filter((each) => !each.startsWith(bot));
      const when = changed === undefined ? {} : { changedAt: changed };
      const reactionsOf = new Map(known.map((key) => [key, { given: true, ...when }]));
      const shown = state === 'standing' ? reactionsOf : new Map();
      return [
        [
          ts,
          {
            ts,
            ...thread,
            ...(inChannel && state === 'standing' && { inChannel }),
            state,
            origin: ours ? 'matrix' : 'slack',
            edits: state === 'standing' ? edits : [],
            reactions: shown,
          },
        ],
      ];
    }),
  );
}

/** What the bridge has to know in the end of what history shows. */
function expected(told: Told | undefined, before: Kept | undefined, ts: Ts): string {
  if (before?.state === 'gone' || before?.state === 'left-out') return before.state;
  const bridged = told?.kind === 'message' || told?.kind === 'ours';
  if (before === undefined && (ts < portal.since || told === undefined)) return 'nothing';
  if (told === undefined || told.kind === 'tombstone') return 'gone';
  if (before === undefined && !bridged) return 'nothing';
  const given = told.reactions.filter((each) => !each.startsWith(bot));
  return `standing ${given.toSorted().join(', ')}`;
}

function actual(kept: Kept | undefined): string {
  if (kept === undefined) return 'nothing';
  if (kept.state === 'gone' || kept.state === 'left-out') return kept.state;
  const given = [...kept.reactions].filter(([, { given }]) => given).map(([key]) => key);
  return `standing ${given.toSorted().join(', ')}`;
}

describe('what a channel’s history shows', () => {
  it('is what is known after it was read, whatever was known before; a second reading finds nothing', async () => {
    const spots = fc.array(spot, { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(spots, async (some) => {
        const told = toldOf(some);
        const kept = keptOf(some, told);
        const before = new Map(kept);
        const channel = toldChannel(told, kept);
        await catchUp(channel.parts, portal, all, patience);
        channel.handle();
        for (const [n] of some.entries()) {
          const ts = tsOf(n);
          const message = told.find((each) => each.ts === ts);
          assert.equal(actual(kept.get(ts)), expected(message, before.get(ts), ts), ts);
          const newest = kept.get(ts)?.edits.toSorted().at(-1) ?? '';
          if (kept.get(ts)?.state === 'standing' && kept.get(ts)?.origin === 'slack')
            assert.ok(newest >= (message?.edited ?? ''), ts);
          if (
            before.get(ts)?.state === 'standing' &&
            kept.get(ts)?.state === 'standing' &&
            kept.get(ts)?.origin === 'slack'
          )
            assert.ok(
              kept.get(ts)?.inChannel === true || message?.broadcast !== true,
              `${ts} in the channel`,
            );
        }
        await catchUp(channel.parts, portal, all, patience);
        assert.deepEqual(
          channel.stored.map(({ fact }) => fact),
          [],
        );
      }),
      { numRuns: 500 },
    );
  });
});
