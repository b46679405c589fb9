import { timingSafeEqual } from 'node:crypto';

import type { OauthV2AccessResponse } from '@slack/web-api';

import type { App, RefreshToken, Token } from '../model.ts';
import { grantedTo, installForOrganisation } from '../organisations.ts';
import { appOf } from '../oauth/consent.ts';
import type { Shape } from '../shapes/vendor.ts';
import { installBot } from '../teams.ts';
import { issueRefreshToken, issueToken } from '../tokens.ts';
import { grantUserToken } from '../user-tokens.ts';
import type { World } from '../world.ts';
import { text } from './arguments.ts';
import { SlackError } from './call.ts';
import type { Answer, Call } from './call.ts';

/** An answer that was lost can be had again for so long. */
const GRACE_MS = 120_000;

/** The app's id and secret come by Basic authentication, or with the other arguments. */
export interface Client {
  readonly id: string | undefined;
  readonly secret: string | undefined;
}

type Arguments = Pick<Call, 'args'>;

/** @see https://docs.slack.dev/reference/methods/oauth.v2.access */
export function oauthAccess(world: World, call: Arguments, basic: Client | undefined): Answer {
  const client = basic ?? { id: text(call, 'client_id'), secret: text(call, 'client_secret') };
  const app = client.id === undefined ? undefined : appOf(world, client.id);
  if (!app) throw new SlackError('invalid_client_id');
  if (!isSame(client.secret ?? '', app.clientSecret)) throw new SlackError('bad_client_secret');
  const grant = text(call, 'grant_type') ?? 'authorization_code';
  if (grant === 'authorization_code') return changeCode(world, app, call);
  if (grant === 'refresh_token') return refresh(world, app, text(call, 'refresh_token'));
  throw new SlackError('invalid_grant_type');
}

type Place = Pick<Shape<OauthV2AccessResponse>, 'team' | 'enterprise'>;

type Allowed = Omit<Shape<OauthV2AccessResponse>, keyof Place | 'ok'> & {
  readonly [Field in keyof Place]: Place[Field] | null;
} & { readonly ok: true };

function changeCode(world: World, home: App, call: Arguments): Answer {
  const code = world.codes.get(text(call, 'code') ?? '');
  if (!code || code.appId !== home.id || code.expiresAt <= world.clock.now())
    throw new SlackError('invalid_code');
  if (code.used) throw new SlackError('code_already_used');
  if (text(call, 'redirect_uri') !== code.redirectUri) throw new SlackError('bad_redirect_uri');
  const user = world.users.get(code.userId);
  if (!user || user.deleted) throw new SlackError('invalid_code');
  code.used = true;
  const install = code.organisation === true ? installForOrganisation : installBot;
  const bot = code.scopes.length > 0 ? install(world, home, code.teamId, code.scopes) : undefined;
  const app = world.installation(home.id, bot?.teamId ?? code.teamId);
  if (!app?.installed) throw new SlackError('invalid_team_for_non_distributed_app');
  const person = code.userScopes.length > 0 ? grantUserToken(world, app, user, code.userScopes) : undefined;
  return {
    ok: true,
    app_id: app.id,
    authed_user: { id: user.id, ...(person && tokenFields(world, app, person)) },
    ...(bot && { ...tokenFields(world, app, bot), bot_user_id: app.botUserId }),
    ...placeFields(world, app, bot?.organisation),
  } satisfies Allowed;
}

/** Each refresh token counts once. Used again soon after, it gives what it gave: the answer may not have arrived. */
function refresh(world: World, home: App, value: string | undefined): Answer {
  const known = world.refreshTokens.get(value ?? '');
  const app = known && world.installation(known.appId, known.teamId);
  const isLate = known?.used !== undefined && known.used.at + GRACE_MS <= world.clock.now();
  if (!known || !app || known.appId !== home.id || known.revoked || isLate)
    throw new SlackError('invalid_refresh_token');
  if (known.used === undefined) renew(world, app, known);
  const token = world.tokens.get(known.used?.token ?? '');
  if (!token || token.revoked) throw new SlackError('invalid_refresh_token');
  return {
    ok: true,
    app_id: app.id,
    ...fieldsOf(app, token, world.clock.now()),
    refresh_token: known.used?.refresh,
    ...(known.kind === 'bot' && { bot_user_id: app.botUserId }),
    ...placeFields(world, app, token.organisation),
  } satisfies Allowed;
}

function renew(world: World, app: App, known: RefreshToken): void {
  const token = issueToken(world, app, known);
  if (known.kind === 'bot')
    for (const each of token.organisation === undefined
      ? [app]
      : grantedTo(world, app.id, token.organisation))
      each.botToken = token.value;
  const next = issueRefreshToken(world, token);
  known.used = { at: world.clock.now(), token: token.value, refresh: next.value };
}

/** A new refresh token goes with each token that expires. */
function tokenFields(world: World, app: App, token: Token) {
  const fields = fieldsOf(app, token, world.clock.now());
  return token.expiresAt === undefined
    ? fields
    : { ...fields, refresh_token: issueRefreshToken(world, token).value };
}

function fieldsOf(app: App, token: Token, now: number) {
  const { kind, value, scopes, expiresAt } = token;
  return {
    access_token: value,
    scope: (kind === 'bot' ? app.scopes : (scopes ?? [])).join(','),
    token_type: kind,
    ...(expiresAt !== undefined && { expires_in: Math.ceil((expiresAt - now) / 1000) }),
  };
}

function placeFields(world: World, app: App, organisation?: string) {
  const team = world.teams.get(app.teamId);
  if (organisation !== undefined) {
    const enterprise = { id: organisation, name: team?.organisation?.name ?? organisation };
    return { team: null, enterprise, is_enterprise_install: true };
  }
  const { id, name } = team?.organisation ?? {};
  return {
    team: { id: app.teamId, name: team?.name ?? app.teamId },
    enterprise: id === undefined ? null : { id, name: name ?? id },
    is_enterprise_install: false,
  };
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
