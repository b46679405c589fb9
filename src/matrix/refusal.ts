import { CannotBridge } from '../errors.ts';

/**
 * The homeserver said no, and will say no again. Only inside this folder: what leaves it is a `CannotBridge` with words
 * for people, or the caller knows what to do with it.
 */
export class Refusal extends Error {
  readonly status: number;
  /** Matrix's error code, such as `M_FORBIDDEN`. */
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }
}

export function isRefusal(error: unknown, ...codes: readonly string[]): error is Refusal {
  return error instanceof Refusal && (codes.length === 0 || codes.includes(error.code));
}

/** What people are told, by Matrix's error code. */
const words: Readonly<Record<string, { readonly reason: string; readonly text: string }>> = {
  M_FORBIDDEN: { reason: 'matrix-forbidden', text: 'the Matrix room does not allow it' },
  M_TOO_LARGE: { reason: 'matrix-too-large', text: 'it is too large for Matrix' },
  M_NOT_FOUND: { reason: 'matrix-not-found', text: 'it is not there any more in Matrix' },
  M_USER_DEACTIVATED: { reason: 'matrix-deactivated', text: 'the Matrix account was deactivated' },
  M_EXCLUSIVE: {
    reason: 'matrix-namespace',
    text: "the homeserver's registration of the bridge does not cover this user",
  },
  M_UNSUPPORTED_ROOM_VERSION: {
    reason: 'matrix-room-version',
    text: 'the homeserver does not know this room version',
  },
  M_RESOURCE_LIMIT_EXCEEDED: { reason: 'matrix-limit', text: 'the homeserver has reached its limits' },
};

/** The refusal as the queue and people understand it. `doing` completes "could not …". */
export function toCannotBridge(refusal: Refusal, doing: string): CannotBridge {
  const known = refusal.status === 413 ? words['M_TOO_LARGE'] : words[refusal.code];
  return new CannotBridge(
    known?.reason ?? 'matrix-refused',
    `could not ${doing}: ${known?.text ?? 'the homeserver refuses it'} (${refusal.code}: ${refusal.message})`,
    { cause: refusal },
  );
}

/** Runs `work`; a refusal of the homeserver becomes a `CannotBridge`. */
export async function bridging<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isRefusal(error) ? toCannotBridge(error, doing) : error;
  }
}
