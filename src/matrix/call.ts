import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { JsonObject } from './json.ts';

/** As whom a request is made: the token is a registration's, the user and device are named beside it; nobody logs in. */
export interface Acting {
  readonly user: MatrixUserId;
  readonly device?: string;
  /** By the registration for double puppets; absent: by the bridge's own. */
  readonly registration?: 'puppets';
}

/** One request to the homeserver. */
export interface Call {
  /** The kind of request, a constant, for metrics. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** What follows `/_matrix/`, or `/_synapse/admin/`, by segment, not yet escaped. */
  readonly path: readonly string[];
  /** An administrator's token: a call of Synapse's own API. */
  readonly adminToken?: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Absent: as the registration itself. */
  readonly as?: Acting;
  readonly body?: JsonObject | { readonly bytes: Buffer; readonly mimetype: string } | StreamBody;
  /** The room that it is about: rate limits then hold up this room only. */
  readonly room?: RoomId;
  /** Milliseconds until the answer must begin. */
  readonly timeout?: number;
}

/** A body that is sent as it comes: the call is made once. What it fails with, if it is TryLater or CannotBridge, the call fails with. */
export interface StreamBody {
  readonly stream: Readable;
  readonly mimetype: string;
  /** Bytes: exactly as many. */
  readonly length: number;
}

export interface Answer {
  readonly status: number;
  /** The JSON; `undefined` when it is none, which no homeserver says. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface HomeserverClient {
  readonly url: string;
  /**
   * The answer's JSON object. @throws Refusal when the homeserver says no; TryLater (target `matrix`, or the room) when
   * it limits us, fails, or can't be reached.
   */
  call(call: Call): Promise<JsonObject>;
  /** The same where the answer is a list: the objects in it. */
  callList(call: Call): Promise<readonly JsonObject[]>;
  /** The answer as it comes, whatever its status. @throws TryLater when there is none */
  exchange(call: Call): Promise<Answer>;
  /** The answer's body unread: read it or destroy it. @throws like `call` */
  open(call: Call): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}
