import type { AuthorId, MxcUri, TeamId } from '../ids.ts';

/** What the Matrix adapter asks of the rest of the bridge. Types only. */

/** A Matrix user of ours (a ghost, or the bot) as it was last brought in step with the homeserver. */
export interface GhostRecord {
  /** The part of the Matrix id between `@` and `:`; the key. */
  readonly localpart: string;
  /** Absent for the bot. `team` is the workspace whose view of the person sets name and picture. */
  readonly slack?: {
    readonly author: AuthorId;
    readonly team: TeamId;
    /** The person is of another organisation than this workspace. */
    readonly foreign?: true;
  };
  /** The device that all our requests as this user name: what makes a repeated send the same send. */
  readonly deviceId: string;
  /** The display name on the homeserver; absent while none was set. */
  readonly name?: string;
  /** The picture that is on the homeserver: where it came from, a hash of its bytes (hexadecimal), its address there. */
  readonly picture?: { readonly url: string; readonly sha256: string; readonly mxc: MxcUri };
  /** The other fields of the profile that are on the homeserver. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface GhostStore {
  get(localpart: string): Promise<GhostRecord | undefined>;
  /** Inserts, or replaces the whole record. Resolves when it is committed. */
  save(ghost: GhostRecord): Promise<void>;
}

/** Pictures that were uploaded, by where they came from. */
export interface PictureStore {
  byUrl(url: string): Promise<MxcUri | undefined>;
  /** By the hash of its bytes (hexadecimal). */
  byBytes(sha256: string): Promise<MxcUri | undefined>;
  /** Where an uploaded picture came from: at most a hundred addresses. */
  urlsOf(mxc: MxcUri): Promise<readonly string[]>;
  /** Gives the one that is kept: that of an earlier save, if there is one. */
  save(picture: { readonly url: string; readonly sha256: string; readonly mxc: MxcUri }): Promise<MxcUri>;
}

/**
 * Fetches a Slack profile picture. Rejects with any error when it can't be had: the ghost then goes without it, and it
 * is asked for again later.
 */
export type FetchPicture = (url: string) => Promise<{ readonly bytes: Buffer; readonly mimetype: string }>;

/** Counters that the adapter feeds, all optional for the caller: a call is one HTTP request to the homeserver. */
export interface MatrixMetrics {
  /** `call` is the kind of request (`send`, `join`, …), `outcome` `ok`, `refused`, `limited` or `failed`. */
  homeserverCall(call: string, outcome: string, seconds: number): void;
  /** A transaction was answered with this status. */
  transaction(status: number, events: number, seconds: number): void;
  homeserverUp(up: boolean): void;
}
