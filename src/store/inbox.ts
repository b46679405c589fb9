import { failpoint } from '#failpoint';
import type pg from 'pg';
import type { Logger } from '../log.ts';
import type { AttemptRecord, Change } from '../portal/ports.ts';
import type { Claimed, Inbox, InboxEvents, ReadAnswer, ReadRequest, Work } from '../queue/ports.ts';
import type { DatabaseConnection, StatementCount } from './db.ts';
import { claim, leaseSeconds, leave, read, release, renew, sweep } from './inbox-queries.ts';
import type { StoredItem } from './inbox-queries.ts';
import type { Links, LinkWatch } from './links.ts';
import type { Sealing } from './sealing.ts';
import { linkOfAttempt } from './turn.ts';
import type { IntakeRow, Turn, TurnResult } from './turn.ts';
import { startWriter } from './writer.ts';
import type { Writer } from './writer.ts';

export interface InboxOptions {
  readonly connection: DatabaseConnection;
  readonly log: Logger;
  readonly count: StatementCount;
  readonly links: Links;
  readonly sealing: Sealing;
  /** Names this process, for as long as it runs. */
  readonly owner: string;
  /** Tells other processes that there is work in these lanes. */
  readonly hint: (lanes: readonly string[]) => void;
  /** See the writer. */
  readonly check: (client: pg.ClientBase) => Promise<void>;
}

/** The inbox as the worker sees it, and the writer below. */
export interface OpenInbox {
  readonly inbox: Inbox<Change>;
  readonly writer: Writer;
  readonly events: {
    /** Somebody else says that there is work. */
    readonly hinted: (lane: string) => void;
  };
}

/** Names the place of a payload to its seal. */
export function payloadPlace(delivery: string): string {
  return `inbox ${delivery}`;
}

export async function openInbox(options: InboxOptions): Promise<OpenInbox> {
  const { links, count, owner } = options;
  const worker: { events?: InboxEvents } = {};
  let alone = false;
  const hint: InboxOptions['hint'] = (lanes) => {
    if (!alone) options.hint(lanes);
  };
  let watched: LinkWatch | undefined;
  const writer = await startWriter({
    ...options,
    lanesOf: (rows) => ({ owner, ...lanesOf(rows, worker.events) }),
    sending: () => {
      watched?.stop();
      watched = links.watch();
    },
    committed: (turn, result) => {
      settleLinks(links, turn, result);
      watched?.fill(result.answer);
      handOut(turn, result, worker.events, hint);
    },
    disconnected: () => worker.events?.disconnected(),
    reconnected: () => worker.events?.reconnected(),
  });

  const inbox: Inbox<Change> = {
    leaseSeconds,
    listen: (events) => {
      worker.events = events;
    },
    async renew() {
      const leases = await writer.between((client) => renew(client, owner, count));
      alone = leases.processes === 1;
      return leases;
    },
    async claim(limit, except = []) {
      failpoint('claim.before', owner);
      const leases = await writer.between((client) => claim(client, owner, limit, except, count));
      failpoint('claim.after', owner);
      return leases;
    },
    async release(leases) {
      await writer.between((client) => release(client, leases, count));
      hint(leases.map(({ lane }) => lane));
    },
    leave: () => writer.between((client) => leave(client, owner, count)),
    read: (requests) => readItems(options, writer, requests),
    async sweep(lanes) {
      const { woken, parents, ready } = await writer.between((client) => sweep(client, lanes, count));
      for (const parent of parents) links.forget(parent);
      announce(woken, worker.events, hint);
      return ready;
    },
    commit: (work, urgent) => writer.commit(work, urgent),
    remember: (change) => links.remember(change),
    drop: (changes) => links.drop(changes),
  };
  return { inbox, writer, events: { hinted: (lane) => worker.events?.work(lane) } };
}

/** Lanes that the worker doesn't hold: it may want them, and the next process finds them. And those that it has. */
function lanesOf(
  rows: readonly IntakeRow[],
  events: InboxEvents | undefined,
): Pick<Turn, 'lanes' | 'complete'> {
  const names = new Set(
    rows.flatMap(({ lane, malformed }) => (lane === undefined || malformed !== undefined ? [] : lane)),
  );
  const lanes = [...names].filter((lane) => events?.holds(lane) !== true);
  return {
    lanes: lanes.map((lane) => ({ lane, lease: events?.wants(lane) === true })),
    complete: [...names].filter((lane) => events?.complete(lane) === true),
  };
}

function settleLinks(links: Links, turn: Turn, { verdicts, outdated }: TurnResult): void {
  for (const [index, work] of turn.work.entries()) {
    if (verdicts[index] === 'fenced') links.drop(work.changes);
    else {
      links.committed(work.changes);
      noteAttempt(links, work);
    }
  }
  for (const key of outdated) links.forget(key);
}

function noteAttempt(links: Links, work: Work<Change>): void {
  const link = work.attempt && linkOfAttempt(work, work.attempt);
  if (!work.attempt || !link) return;
  const record: AttemptRecord = { seq: work.seq, piece: work.attempt.piece, link };
  links.begun(work.attempt.opKey, record);
}

function handOut(
  turn: Turn,
  { stored, leased, woken, elsewhere }: TurnResult,
  events: InboxEvents | undefined,
  hint: (lanes: readonly string[]) => void,
): void {
  for (const lease of leased) events?.leased(lease);
  for (const { lane, seq } of elsewhere) if (events?.knows(lane, seq) === false) events.work(lane);
  const complete = new Set(turn.complete);
  const forOthers = new Set<string>();
  for (const row of turn.intake) {
    const seq = stored.get(row.delivery);
    if (row.lane === undefined || row.malformed !== undefined) continue;
    if (seq === undefined) {
      events?.known(row.lane);
      continue;
    }
    // All of it was read only after the turn was sent, which didn't look for what others stored since.
    if (events?.complete(row.lane) === true && !complete.has(row.lane)) events.work(row.lane);
    if (events?.holds(row.lane) === true) events.stored(row.lane, claimedOf(row, row.lane, seq));
    else forOthers.add(row.lane);
  }
  announce([...forOthers, ...woken], events, hint);
}

/** Work in these lanes, for the worker here or for others. */
function announce(
  lanes: readonly string[],
  events: InboxEvents | undefined,
  hint: (lanes: readonly string[]) => void,
): void {
  for (const lane of lanes) events?.work(lane);
  const elsewhere = lanes.filter((lane) => events?.holds(lane) !== true);
  if (elsewhere.length > 0) hint(elsewhere);
}

function claimedOf(row: IntakeRow, lane: string, seq: number): Claimed {
  const { network, srcTs, payload, receivedAt } = row;
  const item = { seq, lane, from: network, srcTs, payload, attempts: 0, receivedAt, waited: false };
  return { item, openAttempts: [] };
}

async function readItems(
  { links, sealing, log, count }: InboxOptions,
  writer: Writer,
  requests: readonly ReadRequest[],
): Promise<ReadonlyMap<string, ReadAnswer>> {
  const items = await writer.between(async (client) => {
    const watched = links.watch();
    try {
      const result = await read(client, requests, count);
      watched.fill(result.answer);
      return result.items;
    } finally {
      watched.stop();
    }
  });
  const byLane = Map.groupBy(items, (stored) => stored.lease.lane);
  const answers = requests.map(({ lease, limit }) => {
    const found = byLane.get(lease.lane) ?? [];
    const claimed = found.flatMap((stored) => open(stored, sealing, writer, log) ?? []);
    const more = found.length === limit || found.some(({ sealed }) => sealed === undefined);
    return [lease.lane, { items: claimed, more }] as const;
  });
  return new Map(answers);
}

/** What can't be opened can't be handled: it is set aside, the lane goes on. */
function open(stored: StoredItem, sealing: Sealing, writer: Writer, log: Logger): Claimed | undefined {
  const { item, sealed, openAttempts, notBefore, delivery, lease } = stored;
  if (!sealed) return undefined;
  try {
    const payload = sealing.open(sealed, payloadPlace(delivery));
    return { item: { ...item, payload }, openAttempts, ...(notBefore !== undefined && { notBefore }) };
  } catch (error) {
    log.error('a stored event cannot be opened', { seq: item.seq, error });
    const ending = { type: 'dead', reason: 'broken-seal', error: String(error) } as const;
    const work = { lease, seq: item.seq, changes: [], ending };
    void writer.commit(work, false).catch(() => undefined); // the database's refusal is logged by the writer
    return undefined;
  }
}
