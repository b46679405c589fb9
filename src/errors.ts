/**
 * What a handler can tell the queue. Everything else that it throws is a bug: a dead letter, logged with its stack.
 */

/** What is out of reach: while it is, everything that needs it waits, without a limit of attempts. */
export type Target = 'matrix' | `slack:${string}` | `room:${string}` | `portal:${number}`;

/**
 * The effect was not made now and may be made later.
 *
 * `after` milliseconds, when the other side named a time (a 429's Retry-After); else the queue's backoff.
 * With `target` the whole target is down or limits us: the attempt isn't counted against this item.
 */
export class TryLater extends Error {
  readonly after: number | undefined;
  readonly target: Target | undefined;
  constructor(
    message: string,
    options: { readonly after?: number; readonly target?: Target; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'TryLater';
    this.after = options.after;
    this.target = options.target;
  }
}

/** It will never be bridged. `reason` is a short constant for logs and metrics, the message is for the sender to read. */
export class CannotBridge extends Error {
  readonly reason: string;
  constructor(reason: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'CannotBridge';
    this.reason = reason;
  }
}

/**
 * The item needs a message that isn't mapped yet. It is set aside without blocking its lane, woken when `parent` is
 * mapped, and handed out once more with `waited: true` when it has waited long enough.
 */
export class WaitForParent extends Error {
  readonly parent: ParentKey;
  constructor(parent: ParentKey) {
    super('waiting for a message that is not mapped yet');
    this.name = 'WaitForParent';
    this.parent = parent;
  }
}

/**
 * The item needs a file whose bytes are still on their way. Its lane goes on without it; it is handed out again when the
 * file arrived or can't come, or after a while. It is never given up for waiting.
 */
export class WaitForFile extends Error {
  readonly file: FileKey;
  constructor(file: FileKey) {
    super('waiting for a file that is on its way');
    this.name = 'WaitForFile';
    this.file = file;
  }
}

/** A file on its way from one network to the other. */
export type FileKey = `media:${string}`;

/**
 * The item is encrypted, and its key hasn't come. Its lane goes on without it, but for what waits for the same key; it is
 * handed out again when the key came, after 30 s with `waited: true`, and given up after an hour.
 */
export class WaitForKey extends Error {
  readonly key: RoomKey;
  /** Matrix's code for why the sender's device doesn't send it, where that said so. */
  readonly withheld: string | undefined;
  constructor(key: RoomKey, withheld?: string) {
    super('waiting for the key of an encrypted event');
    this.name = 'WaitForKey';
    this.key = key;
    this.withheld = withheld;
  }
}

/** `key:<room>:<session>`: what opens the events of one session in an encrypted room. */
export type RoomKey = `key:${string}`;

/** `ts:<portal>:<ts>` or `event:<event id>`: what a parked item waits for, and what a new message link wakes; or a file; or a key. */
export type ParentKey = `ts:${number}:${string}` | `event:${string}` | FileKey | RoomKey;

/** A call to Slack was sent and its answer is unknown: it may have been applied. Settled before it is repeated. */
export class Uncertain extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'Uncertain';
  }
}

/** This process no longer holds the lane: whatever it was about to write, it must not. The item stays as it is. */
export class LeaseLost extends Error {
  constructor(lane: string) {
    super(`the lease of lane ${lane} is not held any more`);
    this.name = 'LeaseLost';
  }
}

/** The bridge can't start. The message is one line for the operator: what is wrong and what to do. No stack is shown. */
export class CannotStart extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'CannotStart';
  }
}
