import { setTimeout as sleep } from 'node:timers/promises';
import { CannotBridge, TryLater } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import type { TeamId, Ts } from '../ids.ts';
import type { CallSlack } from './calls.ts';
import { listsAllReactions } from './catch-up-compare.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, objectsOf } from './fields.ts';
import { pinnedIn } from './looks.ts';
import { readMessages } from './read-pages.ts';

/** Messages as history shows them, with all their reactions. */
export interface ChannelHistory {
  /** Both ends belong to it. Newest first; with `thread` its replies, oldest first, and its root among them. */
  messages(place: SlackPlace, range: HistoryRange): AsyncIterable<Fields>;
}

/** What is pinned in a channel, oldest pin first; `undefined` where Slack doesn't say. As patient as reading history. */
export type ReadPins = (place: SlackPlace, patience: Patience) => Promise<readonly Ts[] | undefined>;

export interface HistoryRange {
  readonly oldest: Ts;
  readonly latest?: Ts;
  readonly thread?: Ts;
}

/** How patiently history is read. */
export interface Patience {
  readonly signal: AbortSignal;
  /** Slack's limits hold the reading up. */
  readonly held?: () => void;
}

export type OpenHistory = (patience: Patience) => ChannelHistory;

/**
 * Reads in the background: within half of what Slack allows, and never in the way of what people wait for. A limit is
 * waited out, however few messages Slack gives at a time. Throws `TryLater` when Slack can't be reached, `CannotBridge`
 * with Slack's reason when it refuses, and the signal's reason.
 */
export function createHistory(call: CallSlack): OpenHistory {
  return (patience) => {
    const patient = waitingOut(call, patience);
    return {
      messages: (place, range) => readAll(patient, place, range),
    };
  };
}

/** Waits out what Slack limits. */
export function waitingOut(call: CallSlack, { signal, held }: Patience): CallSlack {
  return async (request) => {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await call(request);
      } catch (error) {
        if (!(error instanceof TryLater) || error.after === undefined) throw error;
        held?.();
        await sleep(error.after, undefined, { signal });
      }
    }
  };
}

async function* readAll(
  call: CallSlack,
  place: SlackPlace,
  { oldest, latest, thread }: HistoryRange,
): AsyncGenerator<Fields> {
  const range = {
    oldest,
    ...(latest !== undefined && { latest }),
    ...(thread !== undefined && { thread }),
    inclusive: true,
    background: true,
  };
  for await (const raw of readMessages(call, place, range))
    yield listsAllReactions(raw) ? raw : await withAllReactions(call, place, raw);
}

/**
 * A workspace whose app lacks the permission isn't asked again until the next start, which says what is lacking.
 * @see https://docs.slack.dev/reference/methods/pins.list
 */
export function createPinReader(call: CallSlack): ReadPins {
  const lacking = new Set<TeamId>();
  return async ({ team, channel }, patience) => {
    if (lacking.has(team)) return undefined;
    const args = { channel };
    const request = { team, method: 'pins.list', effect: 'read', background: true, args } as const;
    try {
      const answer = await waitingOut(call, patience)(request);
      return pinnedIn(objectsOf(answer['items']));
    } catch (error) {
      if (!(error instanceof CannotBridge)) throw error;
      if (error.reason === 'missing_scope') lacking.add(team);
      return undefined;
    }
  };
}

/** @see https://docs.slack.dev/reference/methods/reactions.get */
async function withAllReactions(call: CallSlack, place: SlackPlace, raw: Fields): Promise<Fields> {
  const args = { channel: place.channel, timestamp: raw['ts'], full: true };
  try {
    const { team } = place;
    const answer = await call({ team, method: 'reactions.get', effect: 'read', background: true, args });
    return { ...raw, reactions: fieldsOf(answer['message'])['reactions'] ?? raw['reactions'] };
  } catch (error) {
    if (error instanceof CannotBridge) return raw; // then those that are listed have to do
    throw error;
  }
}
