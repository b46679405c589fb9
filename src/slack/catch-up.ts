import type { Logger } from '../log.ts';
import type { SlackMessage } from '../events.ts';
import type { Ts } from '../ids.ts';
import { ts as tsId } from '../ids.ts';
import type { CatchUpKind, CatchUpStore, KnownMessage, TsRange } from '../portal/catch-up-ports.ts';
import type { Portal, SlackPort } from '../portal/ports.ts';
import type { Delivery, IntakePort } from '../queue/ports.ts';
import type { CompareOptions, Finding } from './catch-up-compare.ts';
import { beforeTs, compareMessage, deleteOf, earlier, isUndecided } from './catch-up-compare.ts';
import { findingDelivery } from './catch-up-deliveries.ts';
import type { ChannelHistory, OpenHistory, Patience } from './channel-history.ts';
import type { Fields } from './fields.ts';
import { maybe, textOf } from './fields.ts';

export interface CatchUpParts {
  readonly history: OpenHistory;
  readonly store: Pick<CatchUpStore, 'known' | 'knownThread' | 'activeThreads' | 'seenFacts'>;
  readonly intake: IntakePort;
  readonly slack: Pick<SlackPort, 'isOurs' | 'teams'>;
  /** Something was found and stored. */
  readonly found: (kind: CatchUpKind, count: number) => void;
  readonly log: Logger;
}

export interface Reading {
  /** From here on the channel's timeline is read. */
  readonly from: Ts;
  /** Up to before this; absent: to its end. */
  readonly to?: Ts;
  /** Replies are read from here on, of threads that have one since `from`. */
  readonly repliesFrom: Ts;
  /** Threads that have known replies since then are read, too, however old their roots. */
  readonly threadsSince?: Ts;
  /** Threads that were read already. */
  readonly except?: ReadonlySet<Ts>;
}

export interface Read {
  /** The newest message of the timeline. */
  readonly newest: Ts | undefined;
  readonly threads: ReadonlySet<Ts>;
  /** How much was found and stored. */
  readonly stored: number;
  /** Some edits are so young that another one of their second may follow: reading again in `settlesAfter` milliseconds tells. */
  readonly undecided: boolean;
}

/** How far our clock may be from Slack's, in milliseconds. */
const clocksDiffer = 10_000;
export const settlesAfter = clocksDiffer + 2000;
/** More threads than these don't hold up what was written outside of them. */
const fewThreads = 5;
/** So many messages that are missing at once, and more than half of them all, weren't deleted by people. */
const manyDeletes = 30;

/**
 * Compares a channel's history with what is known, and stores what is missing like events: new messages and replies,
 * edits, deletes, reactions. Resolves when all of it is stored; doing it again finds nothing.
 *
 * Throws `TryLater`, `CannotBridge` (Slack refuses to show the channel), and the signal's reason.
 */
export async function catchUp(
  parts: CatchUpParts,
  portal: Portal,
  reading: Reading,
  patience: Patience,
): Promise<Read> {
  const history = parts.history(patience);
  const pass: Pass = { parts, portal, history, options: optionsFor(parts, portal), undecided: new Set() };
  const { found, newest, threads } = await readTimeline(pass, reading);
  const { from, repliesFrom, threadsSince, except = new Set() } = reading;
  const withNews = [...threads].filter(([root, latest]) => latest >= from && !except.has(root));
  const roots = new Set(withNews.map(([root]) => root));
  let stored = roots.size > fewThreads ? await storeFindings(pass, found.splice(0)) : 0;
  for (const root of roots) found.push(...(await readThread(pass, root, repliesFrom)));
  stored += await storeFindings(pass, found);
  const older = threadsSince === undefined ? [] : await parts.store.activeThreads(portal.id, threadsSince);
  for (const root of older) {
    if (roots.has(root) || except.has(root)) continue;
    stored += await storeFindings(pass, await readThread(pass, root, repliesFrom));
    roots.add(root);
  }
  return { newest, threads: roots, stored, undecided: pass.undecided.size > 0 };
}

interface Pass {
  readonly parts: CatchUpParts;
  readonly portal: Portal;
  readonly history: ChannelHistory;
  readonly options: CompareOptions;
  readonly undecided: Set<Ts>;
}

function compare(
  { options, undecided }: Pass,
  raw: Fields,
  ts: Ts,
  known?: KnownMessage,
): readonly Finding[] {
  if (isUndecided(raw, known, options.overBefore)) undecided.add(ts);
  return compareMessage(raw, known, options);
}

function optionsFor({ slack }: CatchUpParts, { channels, since, policy }: Portal): CompareOptions {
  const [{ team, channel }] = channels;
  return {
    team,
    channel,
    overBefore: earlier(tsId(`${Math.floor(Date.now() / 1000)}.000000`), clocksDiffer),
    since,
    toMatrix: policy.direction !== 'to-slack',
    isOurs: (message: Pick<SlackMessage, 'author' | 'app'>) => slack.isOurs(message),
    bots: new Set(slack.teams().map(({ bot }) => bot)),
  };
}

interface Timeline {
  readonly found: Finding[];
  readonly newest: Ts | undefined;
  /** Roots, with their latest reply. */
  readonly threads: ReadonlyMap<Ts, string>;
}

/** What is known is asked for first: what was known then has to be in the history that is read afterwards. */
async function readTimeline(pass: Pass, { from, to }: Reading): Promise<Timeline> {
  const { parts, portal } = pass;
  if (to !== undefined && to <= from) return { found: [], newest: undefined, threads: new Map() };
  const range: TsRange = { from, ...(to !== undefined && { to }) };
  const known = byTs(await parts.store.known(portal.id, range));
  const found: Finding[] = [];
  const threads = new Map<Ts, string>();
  const shown = new Set<Ts>();
  const bounds = { oldest: from, ...(to !== undefined && { latest: beforeTs(to) }) };
  for await (const { ts, raw } of messagesOf(pass, bounds)) {
    shown.add(ts);
    found.push(...compare(pass, raw, ts, known.get(ts)));
    const latest = textOf(raw['latest_reply']);
    if (latest !== undefined && latest > ts) threads.set(ts, latest);
  }
  const missing = [...known.values()].filter(
    (message) => message.threadTs === undefined && isMissing(message, shown),
  );
  found.push(...(await deletesOf(pass, missing, known.size)));
  return { found, newest: [...shown].toSorted().at(-1), threads };
}

async function readThread(pass: Pass, root: Ts, from: Ts): Promise<readonly Finding[]> {
  const { parts, portal } = pass;
  const known = byTs(await parts.store.knownThread(portal.id, root, from));
  const found: Finding[] = [];
  const shown = new Set<Ts>();
  for await (const { ts, raw } of messagesOf(pass, { oldest: from, thread: root })) {
    shown.add(ts);
    found.push(...compare(pass, raw, ts, known.get(ts)));
  }
  const replies = [...known.values()].filter(({ threadTs, ts }) => threadTs === root && ts >= from);
  const missing = replies.filter((message) => isMissing(message, shown));
  return [...found, ...(await deletesOf(pass, missing, replies.length, root))];
}

function isMissing({ ts, state }: KnownMessage, shown: ReadonlySet<Ts>): boolean {
  return (state === 'standing' || state === 'waiting') && !shown.has(ts);
}

/**
 * Those of the missing messages that aren't there when they are asked for once more either: a redaction can't be taken
 * back, so one incomplete answer isn't enough for it.
 */
async function deletesOf(
  pass: Pass,
  missing: readonly KnownMessage[],
  of: number,
  thread?: Ts,
): Promise<readonly Finding[]> {
  const [oldest, latest] = [missing.at(0)?.ts, missing.at(-1)?.ts];
  if (oldest === undefined || latest === undefined) return [];
  if (missing.length > manyDeletes && missing.length > of / 2) {
    const counts = { portal: pass.portal.id, missing: missing.length, of };
    pass.parts.log.warn('the history lacks most of what is known: that is not taken for deletes', counts);
    return [];
  }
  const there = new Set<Ts>();
  const bounds = { oldest, latest, ...(thread !== undefined && { thread }) };
  for await (const { ts } of messagesOf(pass, bounds)) there.add(ts);
  for (const message of thread === undefined ? missing : []) {
    if (there.has(message.ts)) continue;
    const { ts } = message; // it may stand in a thread, whatever is known of that
    for await (const each of messagesOf(pass, { oldest: ts, latest: ts, thread: ts })) there.add(each.ts);
  }
  return missing.filter(({ ts }) => !there.has(ts)).map(deleteOf);
}

async function* messagesOf(
  { history, options }: Pass,
  range: Parameters<ChannelHistory['messages']>[1],
): AsyncGenerator<{ readonly ts: Ts; readonly raw: Fields }> {
  for await (const raw of history.messages(options, range)) {
    const ts = maybe(tsId, raw['ts']);
    if (ts !== undefined) yield { ts, raw };
  }
}

/** By their ts, in that order. */
function byTs(messages: readonly KnownMessage[]): ReadonlyMap<Ts, KnownMessage> {
  const sorted = messages.toSorted((a, b) => (a.ts < b.ts ? -1 : 1));
  return new Map(sorted.map((message) => [message.ts, message]));
}

/** Deliveries in one statement: the database takes them within its patience. */
const batch = 100;

/** In the order in which things happened, as far as history tells it. What came live meanwhile isn't stored again. */
async function storeFindings(
  { parts, portal, options }: Pass,
  findings: readonly Finding[],
): Promise<number> {
  const place = { team: options.team, channel: options.channel };
  const sorted = findings.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  const unique = new Map<string, { readonly kind: CatchUpKind; readonly delivery: Delivery }>();
  for (const finding of sorted) {
    const delivery = findingDelivery(place, portal.id, finding);
    if (delivery.fact !== undefined) unique.set(delivery.fact, { kind: finding.kind, delivery });
  }
  let stored = 0;
  for (let start = 0; start < unique.size; start += batch) {
    const some = new Map([...unique].slice(start, start + batch));
    const seen = await parts.store.seenFacts(portal.id, [...some.keys()]);
    const fresh = [...some].filter(([fact]) => !seen.has(fact)).map(([, each]) => each);
    if (fresh.length === 0) continue;
    await parts.intake.store(fresh.map(({ delivery }) => delivery));
    for (const [kind, group] of Map.groupBy(fresh, (each) => each.kind)) parts.found(kind, group.length);
    stored += fresh.length;
  }
  return stored;
}
