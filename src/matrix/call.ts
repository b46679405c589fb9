import type { Dispatcher } from 'undici';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { JsonObject } from './json.ts';

/** As whom a request is made: the token is the bridge's, the user and device are named beside it; nobody logs in. */
export interface Acting {
  readonly user: MatrixUserId;
  readonly device?: string;
}

/** One request to the homeserver. */
export interface Call {
  /** The kind of request, a constant, for metrics. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** What follows `/_matrix/`, by segment, not yet escaped. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Absent: as the registration itself. */
  readonly as?: Acting;
  readonly body?: JsonObject | { readonly bytes: Buffer; readonly mimetype: string };
  /** The room that it is about: rate limits then hold up this room only. */
  readonly room?: RoomId;
  /** Milliseconds until the answer must begin. */
  readonly timeout?: number;
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
