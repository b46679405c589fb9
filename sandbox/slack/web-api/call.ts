import type { Sockets } from '../delivery/sockets.ts';
import type { Log } from '../log.ts';
import type { App, Team, Token, TokenKind } from '../model.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';

/** An answer with 200 and `ok: false`. `extra` goes into the answer beside `error`. */
export class SlackError extends Error {
  readonly error: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(error: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(error);
    this.error = error;
    this.extra = extra;
  }
}

/** Who calls: what the token stands for. */
export interface Caller {
  readonly token: Token;
  readonly app: App;
  readonly team: Team;
  /** The bot user or the person that the token acts as; an app token acts as nobody. */
  readonly userId: string;
  /** What the token allows. */
  readonly scopes: readonly string[];
}

export interface Call {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly world: World;
  readonly sockets: Sockets;
  readonly settings: Settings;
  readonly log: Log;
  /** Does something when the answer is long gone; nothing counts as quiet before. */
  readonly later: (ms: number, work: () => void) => void;
  /** What the answer's `warning` and `response_metadata.warnings` will say. */
  readonly warn: (warning: string, message?: string) => void;
}

export type Answer = { readonly ok: true } & Readonly<Record<string, unknown>>;

/** Requests a minute, or the rule of `chat.postMessage`: about one a second and channel. */
export type Tier = 1 | 20 | 50 | 100 | 'post' | 'unlimited';

export interface Method {
  readonly tier: Tier;
  readonly tokens: readonly TokenKind[];
  /** Scopes one of which is needed; those that depend on the channel are asked for by `requireScope`. */
  readonly scopes: readonly string[];
  readonly run: (call: Call) => Answer;
}

export type Methods = Readonly<Record<string, Method>>;

const BOTS_AND_PEOPLE = ['bot', 'user'] as const;

/** A method for bots and people that needs one of `scopes`. */
export function method(tier: Tier, scopes: readonly string[], run: Method['run']): Method {
  return { tier, tokens: BOTS_AND_PEOPLE, scopes, run };
}

/** Refuses with `missing_scope` unless the token has one of the scopes. */
export function requireScope(caller: Caller, ...scopes: readonly string[]): void {
  if (scopes.length === 0 || scopes.some((scope) => caller.scopes.includes(scope))) return;
  throw new SlackError('missing_scope', { needed: scopes.join(','), provided: caller.scopes.join(',') });
}
