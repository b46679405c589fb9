import {
  CannotBridge,
  LeaseLost,
  TryLater,
  Uncertain,
  WaitForFile,
  WaitForKey,
  WaitForParent,
} from '../errors.ts';
import type { Target } from '../errors.ts';
import { backoff } from './backoff.ts';
import type { Ending, Item } from './ports.ts';

/** What became of a try, before it is written down. */
export type Outcome =
  | { readonly type: 'ended'; readonly ending: Ending; readonly giveUp?: Reason; readonly bug?: unknown }
  /** The other side is away, or limits us: the lane waits, the item isn't to blame. */
  | {
      readonly type: 'unreached';
      readonly target: Target | undefined;
      readonly after: number | undefined;
      readonly error: string;
    }
  | { readonly type: 'lease-lost' };

export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** After so many failures of its own an item is given up. */
const mostAttempts = 8;
const mostBackoff = 60_000;
/** How long a parked item waits for its parent, in milliseconds. */
const patience = 30_000;
/** How long one waits for its file before it looks for itself: nobody may be bringing it any more. */
const filePatience = 60_000;
/** How long one waits for its key before its sender is told, and how long after it came it is given up, in milliseconds. */
const keyPatience = { untold: 30_000, most: 3_600_000 };

/** What a handler's error means; `undefined`: it returned. */
export function outcomeOf(item: Item, error: unknown, now: number): Outcome {
  if (error === undefined) return { type: 'ended', ending: { type: 'done' } };
  if (error instanceof LeaseLost) return { type: 'lease-lost' };
  if (error instanceof CannotBridge)
    return given(error.reason, { code: error.reason, message: error.message });
  if (error instanceof WaitForFile)
    return { type: 'ended', ending: { type: 'park', parent: error.file, until: now + filePatience } };
  if (error instanceof WaitForKey) return parkForKey(item, error, now);
  if (error instanceof WaitForParent) return parkOrGiveUp(item, error, now);
  if (error instanceof TryLater && (error.target !== undefined || error.after !== undefined)) {
    return { type: 'unreached', target: error.target, after: error.after, error: error.message };
  }
  if (error instanceof TryLater || error instanceof Uncertain) return retryOrGiveUp(item, error, now);
  const message = 'Something went wrong in the bridge. Its administrators can see what, and try again.';
  return { ...given('bug', { code: 'bug', message }, describe(error)), bug: error };
}

function given(reason: string, giveUp: Reason, error: string = giveUp.message): Outcome & { type: 'ended' } {
  return { type: 'ended', ending: { type: 'dead', reason, error }, giveUp };
}

function parkOrGiveUp(item: Item, { parent }: WaitForParent, now: number): Outcome {
  if (!item.waited) return { type: 'ended', ending: { type: 'park', parent, until: now + patience } };
  return given('no-parent', {
    code: 'no-parent',
    message: 'The message that this belongs to was not bridged.',
  });
}

function parkForKey(item: Item, { key }: WaitForKey, now: number): Outcome {
  const end = item.receivedAt.getTime() + keyPatience.most;
  if (now < end) {
    const until = item.waited ? end : Math.min(end, now + keyPatience.untold);
    return { type: 'ended', ending: { type: 'park', parent: key, until } };
  }
  const message =
    'it is encrypted, and the key to read it never came. Please write it again; should that not help, log out of Matrix with that device and in again.';
  return given('undecryptable', { code: 'undecryptable', message });
}

function retryOrGiveUp(item: Item, error: TryLater | Uncertain, now: number): Outcome {
  const attempts = item.attempts + 1;
  if (attempts >= mostAttempts) {
    const message = `It failed ${attempts} times; the last time: ${error.message}.`;
    return given('attempts', { code: 'attempts', message });
  }
  const notBefore = now + backoff(attempts, mostBackoff);
  return { type: 'ended', ending: { type: 'retry', notBefore, attempts, error: error.message } };
}

/** For the dead letter: what kind of error and where, never what it says; that may hold what people wrote. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frame = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  return frame === undefined ? error.name : `${error.name}${frame.replace(/^\s+/, ' ')}`;
}
