import { randomBytes } from 'node:crypto';
import { textDoc } from '../format/doc.ts';
import type { MatrixUserId, SlackUserId, TeamId } from '../ids.ts';
import { permissionOf } from '../config.ts';
import type { Config } from '../config.ts';
import type { Logger, RootLogger } from '../log.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { PermissionOf } from '../portal/ports.ts';
import { userScopes } from '../slack/scopes.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { Store } from '../store/open-store.ts';
import { callbackPath } from '../web/login/handler.ts';

/** What linking people's accounts works with. */
export interface LoginParts {
  readonly store: Pick<Store, 'logins' | 'secrets' | 'puppets' | 'audit'>;
  readonly slack: Pick<SlackAdapter, 'oauth' | 'installing' | 'team' | 'profile'>;
  /** How browsers reach the bridge; absent: they don't. */
  readonly publicUrl: string | undefined;
  readonly bot: MatrixUserId;
  readonly permissionOf: PermissionOf;
  /** Whether the bridge may act as this Matrix user. */
  readonly canDouble: (user: MatrixUserId) => boolean;
  /** Says something to somebody in their chat with the bot, once for each `fact`; who takes no chat goes without. */
  readonly tell: (user: MatrixUserId, words: string, fact: string) => Promise<void>;
  /** The bridge acts as this Matrix user no more. Never rejects. */
  readonly endSession: (user: MatrixUserId) => Promise<void>;
  /** From now on a token stays out of the log. */
  readonly hide: (secret: string) => void;
  readonly log: Logger;
}

export function loginParts(
  config: Config,
  log: RootLogger,
  { store, slack, matrix }: Pick<LoginParts, 'store' | 'slack'> & { readonly matrix: MatrixAdapter },
): LoginParts {
  const loginLog = log.child({ part: 'login' });
  return {
    store,
    slack,
    publicUrl: config.web.public_url,
    bot: matrix.port.bot,
    permissionOf: permissionOf(config),
    canDouble: (user) => matrix.canDouble(user),
    tell: async (user, words, fact) => {
      try {
        const room = await matrix.port.chatWith(user);
        const message = { kind: 'notice', text: textDoc(words) } as const;
        await matrix.port.send(matrix.port.bot, room, message, { fact, part: 'login' });
      } catch (error) {
        loginLog.info('somebody was not told in Matrix that they linked their account', { error });
      }
    },
    endSession: (user) => matrix.endSession(user),
    hide: (secret) => log.hide(secret),
    log: loginLog,
  };
}

/** Without it there is nothing that a person's token would be good for. */
export const neededScopes: readonly string[] = ['chat:write'];

export function lacking(scopes: readonly string[], wanted: readonly string[] = userScopes): string[] {
  return wanted.filter((scope) => !scopes.includes(scope));
}

/** A state that nobody can guess. */
export function newState(): string {
  return randomBytes(32).toString('base64url');
}

export function redirectUri(publicUrl: string): string {
  return `${publicUrl}${callbackPath}`;
}

/** The address of Slack's question. */
export function questionUrl({ slack, publicUrl = '' }: LoginParts, team: TeamId, state: string): string {
  return slack.oauth.authorizeUrl(team, { userScopes, state, redirectUri: redirectUri(publicUrl) });
}

/** Why nobody can link an account there, and what an administrator has to do; absent: they can. */
export function obstacle({ slack, publicUrl }: LoginParts, team: TeamId): string | undefined {
  if (publicUrl === undefined)
    return 'Linking accounts isn’t set up: the administrator of the bridge has to set web.public_url, so that browsers reach it (docs/people.md).';
  if (!slack.oauth.configured(team))
    return `Linking accounts isn’t set up for ${workspaceName(slack, team)}: the administrator of the bridge has to set slack.client_id and slack.client_secret of its Slack app (docs/people.md).`;
  return undefined;
}

export function workspaceName(slack: LoginParts['slack'], team: TeamId): string {
  return slack.team(team)?.name ?? team;
}

/** What Slack calls a person; their id where it doesn't say now. */
export async function slackName(
  { slack, log }: LoginParts,
  team: TeamId,
  user: SlackUserId,
): Promise<string> {
  try {
    return (await slack.profile(team, user)).name;
  } catch (error) {
    log.debug('the name of a person who links their account could not be had', { team, error });
    return user;
  }
}
