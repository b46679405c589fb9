import { hash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { matrixUserId, slackUserId, teamId } from '../ids.ts';
import type { MatrixUserId, SlackUserId, TeamId } from '../ids.ts';
import type { Reader } from './reader.ts';

/**
 * What a one-time secret is for:
 *
 * | kind      | who got it                                            | what it begins                                  |
 * | --------- | ----------------------------------------------------- | ----------------------------------------------- |
 * | `person`  | a Matrix user, as a link                              | allowing the app to act for their Slack account |
 * | `slack`   | a person in Slack, as a link                          | the same, from the other side                   |
 * | `code`    | that person, after allowing it, to give to the bot    | says who they are in Matrix                     |
 * | `install` | an administrator of the bridge, as a link             | installing the app in a workspace               |
 */
export type LoginKind = 'person' | 'slack' | 'code' | 'install';

export interface LoginRequest {
  readonly kind: LoginKind;
  readonly matrixUser?: MatrixUserId;
  readonly team?: TeamId;
  readonly slackUser?: SlackUserId;
}

/** A one-time secret as it is kept: never the secret itself. */
export interface Login extends LoginRequest {
  /** Names it: the hash of its secret. */
  readonly hash: string;
  readonly state: 'open' | 'used' | 'expired';
}

/** One-time secrets: each is good for ten minutes and for one use, whichever comes first, whoever else tries meanwhile. */
export interface Logins {
  /** `secret` absent: 256 random bits. Resolves with the secret, which nobody can ask for again. */
  begin(request: LoginRequest, secret?: string): Promise<string>;
  /** Changes nothing. */
  find(secret: string): Promise<Login | undefined>;
  /** The one that a state was given for, used or not. Changes nothing. */
  ofState(state: string): Promise<Login | undefined>;
  /**
   * Binds an open one to a browser, and gives it the state that Slack has to bring back; an earlier state of it is void.
   * False: it isn't open, or bound to another browser.
   */
  bind(secret: string, browser: string, state: string): Promise<boolean>;
  /** Uses it up for whoever brings its last state from the browser that it is bound to; undefined for all others. */
  take(state: string, browser: string): Promise<Login | undefined>;
  /** What was taken led to nothing: the same browser may go on with this state, if there is time left. */
  again(taken: Login, state: string): Promise<boolean>;
  /** A `code` belongs to the first Matrix user who shows it, also when it is used up; undefined for all others. */
  claim(code: string, user: MatrixUserId): Promise<Login | undefined>;
  /** Codes that nobody used in time, and with which something is kept still. */
  missedCodes(): Promise<readonly Login[]>;
  /** Uses it up. */
  finish(login: Login): Promise<void>;
}

/** How long a secret is good for, in milliseconds. */
const loginLifetime = 600_000;

const columns = `secret_hash, kind, matrix_user, team, slack_user,
  case when used_at is not null then 'used' when expires_at <= now() then 'expired' else 'open' end as state`;

const rows = z.array(
  z.object({
    secret_hash: z.string(),
    kind: z.enum(['person', 'slack', 'code', 'install']),
    matrix_user: z.string().transform(matrixUserId).nullable(),
    team: z.string().transform(teamId).nullable(),
    slack_user: z.string().transform(slackUserId).nullable(),
    state: z.enum(['open', 'used', 'expired']),
  }),
);

const statements = {
  begin: {
    name: 'login_begin',
    text: `insert into login (secret_hash, kind, matrix_user, team, slack_user, expires_at)
      values ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond')`,
  },
  find: { name: 'login_find', text: `select ${columns} from login where secret_hash = $1` },
  ofState: { name: 'login_of_state', text: `select ${columns} from login where state_hash = $1` },
  bind: {
    name: 'login_bind',
    text: `update login set browser_hash = $2, state_hash = $3
      where secret_hash = $1 and used_at is null and expires_at > now() and coalesce(browser_hash, $2) = $2
      returning ${columns}`,
  },
  take: {
    name: 'login_take',
    text: `update login set used_at = now()
      where state_hash = $1 and browser_hash = $2 and used_at is null and expires_at > now() returning ${columns}`,
  },
  again: {
    name: 'login_again',
    text: `update login set used_at = null, state_hash = $2
      where secret_hash = $1 and used_at is not null and expires_at > now() returning ${columns}`,
  },
  claim: {
    name: 'login_claim',
    text: `update login set matrix_user = $2
      where secret_hash = $1 and kind = 'code' and expires_at > now()
        and (matrix_user = $2 or matrix_user is null and used_at is null) returning ${columns}`,
  },
  missed: {
    name: 'login_missed',
    text: `select ${columns} from login
      where kind = 'code' and used_at is null and expires_at <= now()
        and exists (select from secret where id = 'login:' || secret_hash) limit 100`,
  },
  finish: { name: 'login_finish', text: 'update login set used_at = now() where secret_hash = $1' },
} as const;

export function createLogins(reader: Reader): Logins {
  async function all(
    statement: keyof typeof statements,
    values: readonly unknown[],
  ): Promise<readonly Login[]> {
    return rows.parse(await reader.query(statements[statement], values)).map(loginOf);
  }
  const one = async (...asked: Parameters<typeof all>): Promise<Login | undefined> =>
    (await all(...asked))[0];

  return {
    begin: async ({ kind, matrixUser, team, slackUser }, secret = randomBytes(32).toString('base64url')) => {
      await one('begin', [hashOf(secret), kind, matrixUser, team, slackUser, loginLifetime]);
      return secret;
    },
    find: (secret) => one('find', [hashOf(secret)]),
    ofState: (state) => one('ofState', [hashOf(state)]),
    bind: async (secret, browser, state) =>
      (await one('bind', [hashOf(secret), hashOf(browser), hashOf(state)])) !== undefined,
    take: (state, browser) => one('take', [hashOf(state), hashOf(browser)]),
    again: async (taken, state) => (await one('again', [taken.hash, hashOf(state)])) !== undefined,
    claim: (code, user) => one('claim', [hashOf(code), user]),
    missedCodes: () => all('missed', []),
    finish: async (login) => void (await one('finish', [login.hash])),
  };
}

function loginOf(row: z.infer<typeof rows>[number]): Login {
  const { secret_hash, kind, matrix_user: matrixUser, team, slack_user: slackUser, state } = row;
  return {
    hash: secret_hash,
    kind,
    state,
    ...(matrixUser !== null && { matrixUser }),
    ...(team !== null && { team }),
    ...(slackUser !== null && { slackUser }),
  };
}

/** They are random: a hash tells nothing of them, and whether two are the same takes no time that tells anything. */
function hashOf(secret: string): string {
  return hash('sha256', `login\n${secret}`, 'hex');
}
