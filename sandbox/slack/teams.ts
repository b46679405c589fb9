import { createChannel } from './channels.ts';
import { publishToTeam } from './events.ts';
import { newAppToken, newBotToken, newClientId, newId, newSecret } from './ids.ts';
import { noFeatures } from './interactivity/model.ts';
import type { AppFeatures } from './interactivity/model.ts';
import type { App, Team, Token, Transport } from './model.ts';
import { createUser, SLACKBOT } from './people.ts';
import { usualScopes, usualUserEvents } from './scopes.ts';
import { issueToken, revokeTokensOf } from './tokens.ts';
import { revokeUserTokens } from './user-tokens.ts';
import type { World } from './world.ts';

export interface NewTeam {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
}

/** Makes a workspace with, as every workspace has, a `#general` that all people are in. */
export function createTeam(world: World, options: NewTeam): Team {
  const name = options.name ?? 'Example';
  const domain = options.domain ?? name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const team: Team = {
    id: options.id ?? newId('T'),
    name,
    domain,
    created: world.seconds(),
    emoji: new Map(),
    usergroups: new Map(),
  };
  world.addTeam(team);
  createChannel(world, {
    teamId: team.id,
    name: 'general',
    kind: 'public',
    creator: SLACKBOT,
    general: true,
  });
  world.changed({ what: 'team', teamId: team.id, id: team.id });
  return team;
}

export interface NewApp {
  readonly id?: string | undefined;
  readonly teamId: string;
  readonly name?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly transport?: Transport | undefined;
  readonly requestUrl?: string | undefined;
  readonly subscriptions?: readonly string[] | undefined;
  readonly iconUrl?: string | undefined;
  readonly botToken?: string | undefined;
  readonly appToken?: string | undefined;
  readonly signingSecret?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly redirectUrls?: readonly string[] | undefined;
  readonly userSubscriptions?: readonly string[] | undefined;
  readonly tokenLifeSeconds?: number | undefined;
  readonly distributed?: boolean | undefined;
  readonly features?: AppFeatures | undefined;
  /** `false`: made, but nobody has installed it yet. */
  readonly installed?: boolean | undefined;
}

/** Makes an app and, unless it is told not to, installs it: its bot user, its tokens and secrets. */
export function createApp(world: World, options: NewApp): App {
  const { teamId } = options;
  const name = options.name ?? 'Bridge';
  const id = options.id ?? newId('A');
  const botId = newId('B');
  const handle = name.toLowerCase().replace(/[^a-z0-9]+/g, '');
  const botUser = createUser(world, { teamId, name: handle, realName: name, bot: { botId, appId: id } });
  const app: App = {
    id,
    teamId,
    name,
    botId,
    botUserId: botUser.id,
    botToken: options.botToken ?? newBotToken(),
    appToken: options.appToken ?? newAppToken(id),
    signingSecret: options.signingSecret ?? newSecret(),
    clientId: options.clientId ?? newClientId(),
    clientSecret: options.clientSecret ?? newSecret(),
    redirectUrls: [...(options.redirectUrls ?? [])],
    verificationToken: newSecret(12),
    scopes: [...(options.scopes ?? usualScopes)],
    transport: options.transport ?? (options.requestUrl === undefined ? 'socket' : 'http'),
    requestUrl: options.requestUrl,
    subscriptions: options.subscriptions && [...options.subscriptions],
    userSubscriptions: [...(options.userSubscriptions ?? usualUserEvents)],
    tokenLifeSeconds: options.tokenLifeSeconds,
    installed: options.installed ?? true,
    distributed: options.distributed ?? false,
    features: options.features ?? noFeatures,
    iconUrl: options.iconUrl,
  };
  world.addApp(app);
  const owner = { teamId, appId: id, scopes: undefined, expiresAt: undefined, revoked: false };
  const bot = { ...owner, value: app.botToken, kind: 'bot' as const, userId: botUser.id };
  if (app.installed) world.tokens.set(app.botToken, bot);
  world.tokens.set(app.appToken, { ...owner, value: app.appToken, kind: 'app', userId: undefined });
  world.changed({ what: 'team', teamId, id });
  return app;
}

/** Ends the validity of the app's bot token; the app is told by `tokens_revoked`. `restoreTokens` undoes it. */
export function revokeTokens(world: World, app: App): void {
  const event = { type: 'tokens_revoked', tokens: { bot: [app.botUserId] }, event_ts: world.eventTs() };
  publishToTeam(world, app.teamId, event, app.id);
  revokeTokensOf(world, app, app.botUserId);
  world.changed({ what: 'team', teamId: app.teamId, id: app.id });
}

export function restoreTokens(world: World, app: App): void {
  const token = world.tokens.get(app.botToken);
  if (token) token.revoked = false;
  world.changed({ what: 'team', teamId: app.teamId, id: app.id });
}

/** Takes the app out of its workspace; `installApp` puts it back with the same bot token. People have to allow it again. */
export function uninstallApp(world: World, app: App): void {
  publishToTeam(world, app.teamId, { type: 'app_uninstalled', event_ts: world.eventTs() }, app.id);
  revokeUserTokens(world, app);
  revokeTokens(world, app);
  app.installed = false;
  if (app.organisation === undefined) return;
  for (const each of world.installations(app.id))
    if (each.organisation === app.organisation) each.installed = false;
  const token = world.tokens.get(app.botToken);
  if (token) token.revoked = true;
}

export function installApp(world: World, app: App): void {
  app.installed = true;
  restoreTokens(world, app);
}

/**
 * What somebody who installs an app by OAuth gets: a bot in their team, and its token. A token that lasts stays the same
 * while it counts; what was allowed before stays allowed.
 */
export function installBot(world: World, home: App, teamId: string, scopes: readonly string[]): Token {
  const app = world.installation(home.id, teamId) ?? bringApp(world, home, teamId);
  app.scopes = [...new Set([...(app.installed ? app.scopes : []), ...scopes])];
  const known = world.tokens.get(app.botToken);
  app.installed = true;
  const lasts = app.tokenLifeSeconds === undefined && known?.revoked === false;
  const token = lasts
    ? known
    : issueToken(world, app, { kind: 'bot', userId: app.botUserId, scopes: app.scopes });
  app.botToken = token.value;
  world.changed({ what: 'team', teamId, id: app.id });
  return token;
}

/** The app's entry in another team than its own; not installed yet. */
export function bringApp(world: World, home: App, teamId: string): App {
  const botId = newId('B');
  const handle = home.name.toLowerCase().replace(/[^a-z0-9]+/g, '');
  const bot = { botId, appId: home.id };
  const botUser = createUser(world, { teamId, name: handle, realName: home.name, bot });
  const app: App = {
    ...home,
    teamId,
    botId,
    botUserId: botUser.id,
    botToken: '',
    scopes: [],
    installed: false,
  };
  world.addApp(app);
  return app;
}
