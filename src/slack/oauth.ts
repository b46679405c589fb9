import { CannotBridge, TryLater } from '../errors.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import { slackUserId, teamId } from '../ids.ts';
import { failureOf } from './failures.ts';
import type { Failure } from './failures.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, textOf } from './fields.ts';
import type { StoredToken } from './ports.ts';
import type { OAuthClient, SlackSettings } from './settings.ts';
import type { Teams } from './teams.ts';
import { createWebApi } from './web-api.ts';

/** What a person allowed. */
export interface Grant {
  readonly team: TeamId;
  readonly slackUser: SlackUserId;
  readonly scopes: readonly string[];
  readonly token: StoredToken;
}

/** Where a browser is sent, so that its person allows the app to act for them. */
export interface Consent {
  readonly userScopes: readonly string[];
  /** Comes back with the answer. */
  readonly state: string;
  /** Where Slack sends the browser afterwards. */
  readonly redirectUri: string;
}

/**
 * OAuth v2 for people: a workspace's own app asks, and Slack gives a token of the person (xoxp-…).
 *
 * @see https://docs.slack.dev/authentication/installing-with-oauth
 */
export interface SlackOAuth {
  /** Whether the workspace's app can ask at all: its client id and secret are configured. */
  configured(team: TeamId): boolean;
  /** The address of Slack's question. Throws `CannotBridge` where the app can't ask. */
  authorizeUrl(team: TeamId, consent: Consent): string;
  /**
   * Changes the code that came back for a token. Throws `CannotBridge` whose `reason` is Slack's error code, such as
   * `invalid_code`, or `TryLater` when Slack is out of reach: the code may be used up by then.
   */
  exchange(team: TeamId, code: string, redirectUri: string): Promise<Grant>;
  /** Renews a token that rotates. Throws like `exchange`. */
  refresh(team: TeamId, refreshToken: string): Promise<StoredToken>;
  /** Ends a token. One that Slack doesn't know any more is success. Throws `TryLater`. */
  revoke(team: TeamId, accessToken: string): Promise<void>;
}

export const slacksOwn = 'https://slack.com/oauth/v2/authorize';

export function createOAuth(
  settings: Pick<SlackSettings, 'apiUrl' | 'authorizeUrl'>,
  teams: Pick<Teams, 'connected'>,
): SlackOAuth {
  const webApi = createWebApi(settings.apiUrl);
  const clientOf = (team: TeamId) => teams.connected().find((each) => each.team.id === team)?.client;

  async function call(team: TeamId, method: string, token: string | undefined, args: Fields) {
    try {
      return await webApi(token, method, args);
    } catch (thrown) {
      const { error, kind, code = kind } = failureOfCall(thrown, team, method);
      throw kind === 'revoked' ? new CannotBridge(code, error.message, { cause: thrown }) : error; // not the workspace's
    }
  }

  async function access(team: TeamId, args: Fields): Promise<Fields> {
    const { id, secret } = required(clientOf(team));
    return call(team, 'oauth.v2.access', undefined, { client_id: id, client_secret: secret, ...args });
  }

  return {
    configured: (team) => clientOf(team) !== undefined,
    authorizeUrl: (team, { userScopes, state, redirectUri }) => {
      const url = new URL(settings.authorizeUrl ?? slacksOwn);
      const query = {
        client_id: required(clientOf(team)).id,
        scope: '',
        user_scope: userScopes.join(','),
        redirect_uri: redirectUri,
        state,
        team,
      };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return url.href;
    },
    exchange: async (team, code, redirectUri) =>
      grantOf(await access(team, { code, redirect_uri: redirectUri }), (organisation) =>
        teams.connected().some((each) => each.team.id === team && each.installation === organisation)
          ? team
          : undefined,
      ),
    refresh: async (team, refreshToken) =>
      tokenOf(await access(team, { grant_type: 'refresh_token', refresh_token: refreshToken })),
    revoke: async (team, accessToken) => {
      try {
        await webApi(accessToken, 'auth.revoke', {});
      } catch (thrown) {
        const { error, kind } = failureOfCall(thrown, team, 'auth.revoke');
        if (kind !== 'revoked') throw error;
      }
    },
  };
}

function failureOfCall(thrown: unknown, team: TeamId, method: string): Failure {
  return failureOf(thrown, { team, method, effect: 'read', limit: `slack:${team}` });
}

function required(client: OAuthClient | undefined): OAuthClient {
  if (client) return client;
  throw new CannotBridge('no-client', 'the client id of the workspace’s Slack app is not configured.');
}

/**
 * Throws `TryLater` for an answer that isn't one: it may be a proxy's. `memberOf`: the workspace that is meant where somebody
 * allowed it for their whole organisation.
 */
function grantOf(answer: Fields, memberOf: (organisation: unknown) => TeamId | undefined): Grant {
  const person = fieldsOf(answer['authed_user']);
  const isShared = answer['is_enterprise_install'] === true;
  const member = isShared ? memberOf(fieldsOf(answer['enterprise'])['id']) : undefined;
  try {
    return {
      team: member ?? teamId(fieldsOf(answer['team'])['id']),
      slackUser: slackUserId(person['id']),
      scopes: (textOf(person['scope']) ?? '').split(',').filter(Boolean),
      token: tokenOf(person),
    };
  } catch (cause) {
    throw new TryLater('Slack’s answer about a person’s account can’t be read', { cause });
  }
}

/** Of the person's part of an answer; the answer about a renewed token is that part itself. */
export function tokenOf(fields: Fields): StoredToken {
  const person = textOf(fields['access_token']) === undefined ? fieldsOf(fields['authed_user']) : fields;
  const [access, refresh] = [textOf(person['access_token']), textOf(person['refresh_token'])];
  if (access === undefined) throw new TryLater('Slack’s answer holds no token');
  const seconds = person['expires_in'];
  return {
    access,
    ...(refresh !== undefined && { refresh }),
    ...(typeof seconds === 'number' && { expiresAt: Date.now() + seconds * 1000 }),
  };
}
