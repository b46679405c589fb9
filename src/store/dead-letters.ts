import { z } from 'zod';
import { eventId, roomId } from '../ids.ts';
import type { EventId, PortalId, Ts } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { LetterNotices, SentNotice } from '../portal/dead-letter-ports.ts';
import * as queries from './dead-letter-queries.ts';
import { payloadPlace } from './inbox.ts';
import type { Query, Reader } from './reader.ts';
import { portalLanes } from './route.ts';
import type { Sealing } from './sealing.ts';

/** An item that was set aside. Its payload is kept for 30 days. */
export interface DeadLetter {
  readonly seq: number;
  readonly lane: string;
  readonly from: 'slack' | 'matrix';
  /** A short constant: `bug`, `malformed`, or why it can't be bridged. */
  readonly reason: string;
  readonly error: string;
  readonly receivedAt: Date;
  readonly at: Date;
  /** Absent where its seal is broken. */
  readonly payload?: Buffer;
}

/** What became of a dead letter that was tried again. */
export interface Retried {
  readonly seq: number;
  readonly state: 'waiting' | 'done' | 'dead';
  /** Why, when it is dead again. */
  readonly reason?: string;
  readonly error?: string;
}

/** One that was tried again and arrived. */
export interface Arrived {
  readonly seq: number;
  readonly notice?: SentNotice;
}

interface Page {
  readonly portal?: PortalId;
  readonly limit?: number;
  readonly offset?: number;
}

export interface DeadLetters extends LetterNotices {
  /** The newest first, of one portal or of all. */
  list(page?: Page): Promise<readonly DeadLetter[]>;
  /** Those of Matrix that are about this event, or that this notice is about. */
  on(event: EventId): Promise<readonly DeadLetter[]>;
  /** Those of Slack that are about this message: itself, its edits, what was done to it. */
  onMessage(portal: PortalId, ts: Ts): Promise<readonly DeadLetter[]>;
  /** Of these numbers, or of all, those that are dead letters (of the portal): not those that are being tried again. */
  numbers(seqs: readonly number[] | 'all', portal?: PortalId): Promise<readonly number[]>;
  /** Hands the items out again, at their old places in their lanes. The answer leaves out those in which there is nothing to try. */
  retry(seqs: readonly number[]): Promise<readonly number[]>;
  /** What has become of those that were tried again, of the portal or of all. Unknown ones are left out. */
  retried(seqs: readonly number[], portal?: PortalId): Promise<readonly Retried[]>;
  /** Gives up on items, whether dead, parked or waiting. The answer leaves out those that are done, or unknown. */
  skip(seqs: readonly number[]): Promise<readonly number[]>;
  /** Those that were tried again, arrived, and aren't forgotten yet; and how many are still under way. */
  arrived(): Promise<{ readonly arrived: readonly Arrived[]; readonly waiting: number }>;
  forget(seq: number): Promise<void>;
}

export interface DeadLetterParts {
  readonly reader: Reader;
  readonly sealing: Sealing;
  readonly log: Logger;
  /** There is something to do again in this lane. */
  readonly hint: (lane: string) => void;
  /** What is in memory of this message is old. */
  readonly forget: (key: string) => void;
}

const letterRows = z.array(
  z.object({
    seq: z.number(),
    lane: z.string(),
    from: z.enum(['slack', 'matrix']),
    reason: z.string(),
    error: z.string(),
    receivedAt: z.date(),
    at: z.date(),
    delivery: z.string(),
    payload: z.instanceof(Buffer).nullable(),
  }),
);
const changedRows = z.array(z.object({ seq: z.number(), lane: z.string(), outdated: z.string().nullable() }));
const numberRows = z.array(z.object({ seq: z.number() }));
const retriedRows = z.array(
  z.object({
    seq: z.number(),
    state: z.string(),
    reason: z.string().nullable(),
    error: z.string().nullable(),
  }),
);
const noticeRows = z.array(
  z.object({
    seq: z.number(),
    done: z.boolean(),
    event: z.string().transform(eventId).nullable(),
    room: z.string().transform(roomId).nullable(),
  }),
);

export function createDeadLetters(parts: DeadLetterParts): DeadLetters {
  const { reader } = parts;

  async function change(statement: Query, value: unknown) {
    const rows = changedRows.parse(await reader.query(statement, [value]));
    for (const { outdated } of rows) if (outdated !== null) parts.forget(outdated);
    return rows;
  }

  return {
    async list({ portal, limit = 100, offset = 0 } = {}) {
      const rows = await reader.query(queries.list, [lanesOf(portal), limit, offset]);
      return letterRows.parse(rows).map((row) => letterOf(parts, row));
    },
    async on(event) {
      return letterRows.parse(await reader.query(queries.on, [event])).map((row) => letterOf(parts, row));
    },
    async onMessage(portal, ts) {
      const rows = await reader.query(queries.onMessage, [`ts:${portal}:${ts}`]);
      return letterRows.parse(rows).map((row) => letterOf(parts, row));
    },
    async numbers(seqs, portal) {
      const asked = seqs === 'all' ? null : seqs;
      const rows = await reader.query(queries.numbers, [lanesOf(portal), asked]);
      return numberRows.parse(rows).map(({ seq }) => seq);
    },
    async retry(seqs) {
      const rows = await change(queries.retry, seqs);
      for (const lane of new Set(rows.map((row) => row.lane))) parts.hint(lane);
      return rows.map(({ seq }) => seq);
    },
    async retried(seqs, portal) {
      const rows = retriedRows.parse(await reader.query(queries.retried, [lanesOf(portal), seqs]));
      return rows.map(retriedOf);
    },
    skip: async (seqs) => (await change(queries.skip, seqs)).map(({ seq }) => seq),
    async arrived() {
      const rows = noticeRows.parse(await reader.query(queries.triedAgain, []));
      return {
        arrived: rows.filter(({ done }) => done).map(arrivedOf),
        waiting: rows.filter(({ done }) => !done).length,
      };
    },
    forget: async (seq) => void (await reader.query(queries.forget, [seq])),
    async noticesAbout(subject) {
      const rows = noticeRows.parse(await reader.query(queries.about, [subject]));
      return rows.length === 0 ? undefined : rows.flatMap((row) => noticeOf(row) ?? []);
    },
    removeAbout: async (subject) => void (await change(queries.removeAbout, subject)),
  };
}

function lanesOf(portal: PortalId | undefined): readonly string[] | null {
  return portal === undefined ? null : portalLanes.map((lane) => `portal:${portal}:${lane}`);
}

function letterOf(
  { sealing, log }: DeadLetterParts,
  { payload: sealed, delivery, ...letter }: z.infer<typeof letterRows>[number],
): DeadLetter {
  if (sealed === null) return letter;
  try {
    return { ...letter, payload: sealing.open(sealed, payloadPlace(delivery)) };
  } catch (error) {
    log.debug('a dead letter cannot be opened', { seq: letter.seq, error });
    return letter;
  }
}

function retriedOf({ seq, state, reason, error }: z.infer<typeof retriedRows>[number]): Retried {
  if (state === 'dead')
    return { seq, state, ...(reason !== null && { reason }), ...(error !== null && { error }) };
  return { seq, state: state === 'done' ? state : 'waiting' };
}

type NoticeRow = z.infer<typeof noticeRows>[number];

function arrivedOf(row: NoticeRow): Arrived {
  const notice = noticeOf(row);
  return { seq: row.seq, ...(notice && { notice }) };
}

function noticeOf({ event, room }: NoticeRow): SentNotice | undefined {
  return event === null || room === null ? undefined : { event, room };
}
