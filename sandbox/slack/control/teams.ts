import { z } from 'zod';

import { publishToTeam } from '../events.ts';
import { newId } from '../ids.ts';
import type { AppFeatures } from '../interactivity/model.ts';
import type { App } from '../model.ts';
import { createApp, createTeam, installApp, restoreTokens, revokeTokens, uninstallApp } from '../teams.ts';
import { usergroupShape } from '../usergroups.ts';
import { action, ControlError } from './action.ts';
import type { ControlParts } from './action.ts';
import { findApp, findTeam } from './find.ts';

const transport = z.enum(['socket', 'http', 'none']);

/** As in the app's manifest; what isn't named isn't there. */
const appFeatures = z.strictObject({
  homeTab: z.boolean().default(false),
  shortcuts: z
    .array(
      z.strictObject({
        type: z.enum(['message', 'global']),
        name: z.string().min(1).max(24),
        callbackId: z.string().min(1).max(255),
        description: z.string().max(150).optional(),
      }),
    )
    .default([]),
  commands: z
    .array(
      z.strictObject({
        command: z.string().regex(/^\/\S{1,31}$/),
        description: z.string().max(2000).optional(),
        usageHint: z.string().max(1000).optional(),
      }),
    )
    .default([]),
});

const newApp = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  transport: transport.optional(),
  requestUrl: z.url().optional(),
  subscriptions: z.array(z.string()).optional(),
  iconUrl: z.string().optional(),
  botToken: z.string().optional(),
  appToken: z.string().optional(),
  signingSecret: z.string().optional(),
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  redirectUrls: z.array(z.url()).optional(),
  userSubscriptions: z.array(z.string()).optional(),
  tokenLifeSeconds: z.number().int().positive().optional(),
  distributed: z.boolean().optional(),
  features: appFeatures.optional(),
  installed: z.boolean().optional(),
});

const oneApp = z.strictObject({ app: z.string().optional(), team: z.string().optional() });

export const teamActions = {
  createTeam: action(
    z.strictObject({
      id: z.string().optional(),
      name: z.string().optional(),
      domain: z.string().optional(),
      app: newApp.optional(),
    }),
    ({ world }, { app, ...team }) => {
      const created = createTeam(world, team);
      return {
        team: { id: created.id, name: created.name, domain: created.domain },
        app: installed(world, created.id, app ?? {}),
      };
    },
  ),

  /** A workspace without any app: one comes when somebody installs it. */
  createWorkspace: action(
    z.strictObject({
      id: z.string().optional(),
      name: z.string().optional(),
      domain: z.string().optional(),
    }),
    ({ world }, team) => {
      const { id, name, domain } = createTeam(world, team);
      return { id, name, domain };
    },
  ),

  /** Another picture each time that `icon` is another text. */
  setTeamIcon: action(
    z.strictObject({ team: z.string().optional(), icon: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) }),
    ({ world }, { team, icon }) => {
      const found = findTeam(world, team);
      found.icon = icon;
      world.changed({ what: 'team', teamId: found.id, id: found.id });
      return { team: found.id, icon };
    },
  ),

  createApp: action(newApp.extend({ team: z.string().optional() }), ({ world }, { team, ...app }) =>
    installed(world, findTeam(world, team).id, app),
  ),

  configureApp: action(
    z.strictObject({
      app: z.string().optional(),
      transport: transport.optional(),
      requestUrl: z.url().optional(),
      scopes: z.array(z.string()).optional(),
      subscriptions: z.array(z.string()).nullable().optional(),
      redirectUrls: z.array(z.url()).optional(),
      userSubscriptions: z.array(z.string()).optional(),
      tokenLifeSeconds: z.number().int().positive().nullable().optional(),
      distributed: z.boolean().optional(),
      features: appFeatures.optional(),
      verify: z.boolean().default(true),
    }),
    configureApp,
  ),

  revokeTokens: action(oneApp, ({ world }, { app, team }) => {
    revokeTokens(world, findApp(world, app, team));
  }),
  restoreTokens: action(oneApp, ({ world }, { app, team }) => {
    restoreTokens(world, findApp(world, app, team));
  }),
  uninstallApp: action(oneApp, ({ world }, { app, team }) => {
    uninstallApp(world, findApp(world, app, team));
  }),
  installApp: action(oneApp, ({ world }, { app, team }) => {
    installApp(world, findApp(world, app, team));
  }),

  addEmoji: action(
    z.strictObject({ team: z.string().optional(), name: z.string(), aliasFor: z.string().optional() }),
    ({ world }, { team: id, name, aliasFor }) => {
      const team = findTeam(world, id);
      const value =
        aliasFor === undefined ? `${world.url}/emoji/${team.id}/${name}/picture.png` : `alias:${aliasFor}`;
      team.emoji.set(name, value);
      publishToTeam(world, team.id, {
        type: 'emoji_changed',
        subtype: 'add',
        name,
        value,
        event_ts: world.eventTs(),
      });
      world.changed({ what: 'team', teamId: team.id, id: team.id });
      return { name, value };
    },
  ),

  renameEmoji: action(
    z.strictObject({ team: z.string().optional(), from: z.string(), to: z.string() }),
    ({ world }, { team: id, from, to }) => {
      const team = findTeam(world, id);
      const value = team.emoji.get(from);
      if (value === undefined) throw new ControlError(`The team has no emoji ${from}.`);
      team.emoji.delete(from);
      team.emoji.set(to, value);
      const names = { old_name: from, new_name: to, value };
      const event = { type: 'emoji_changed', subtype: 'rename', ...names, event_ts: world.eventTs() };
      publishToTeam(world, team.id, event);
      world.changed({ what: 'team', teamId: team.id, id: team.id });
    },
  ),

  removeEmoji: action(
    z.strictObject({ team: z.string().optional(), name: z.string() }),
    ({ world }, { team: id, name }) => {
      const team = findTeam(world, id);
      if (!team.emoji.delete(name)) throw new ControlError(`The team has no emoji ${name}.`);
      const event = { type: 'emoji_changed', subtype: 'remove', names: [name], event_ts: world.eventTs() };
      publishToTeam(world, team.id, event);
      world.changed({ what: 'team', teamId: team.id, id: team.id });
    },
  ),

  createUsergroup: action(
    z.strictObject({
      team: z.string().optional(),
      handle: z.string(),
      name: z.string().optional(),
      users: z.array(z.string()),
    }),
    ({ world }, { team: id, handle, name, users }) => {
      const team = findTeam(world, id);
      const group = { id: newId('S'), handle, name: name ?? handle, users };
      team.usergroups.set(group.id, group);
      const subteam = usergroupShape(team, group, true);
      publishToTeam(world, team.id, { type: 'subteam_created', subteam, event_ts: world.eventTs() });
      world.changed({ what: 'team', teamId: team.id, id: team.id });
      return { id: group.id };
    },
  ),
};

function installed(world: ControlParts['world'], teamId: string, app: z.output<typeof newApp>) {
  return appView(createApp(world, { ...app, teamId }));
}

/** Everything that an app's developer knows of it, tokens included. */
export function appView(app: App) {
  const { id, teamId, name, botId, botUserId, botToken, appToken, signingSecret, verificationToken } = app;
  const { scopes, transport, requestUrl, subscriptions, installed, clientId, clientSecret } = app;
  const { redirectUrls, userSubscriptions, tokenLifeSeconds, distributed, features } = app;
  return {
    id,
    team: teamId,
    name,
    botId,
    botUserId,
    botToken,
    appToken,
    signingSecret,
    verificationToken,
    scopes,
    transport,
    requestUrl,
    subscriptions,
    installed,
    clientId,
    clientSecret,
    redirectUrls,
    userSubscriptions,
    tokenLifeSeconds,
    distributed,
    features,
  };
}

/** A new request URL must first answer the challenge, as Slack's page demands, unless `verify` is false. */
async function configureApp(
  { world, http }: ControlParts,
  input: {
    readonly app?: string | undefined;
    readonly transport?: App['transport'] | undefined;
    readonly requestUrl?: string | undefined;
    readonly scopes?: string[] | undefined;
    readonly subscriptions?: string[] | null | undefined;
    readonly redirectUrls?: string[] | undefined;
    readonly userSubscriptions?: string[] | undefined;
    readonly tokenLifeSeconds?: number | null | undefined;
    readonly distributed?: boolean | undefined;
    readonly features?: AppFeatures | undefined;
    readonly verify: boolean;
  },
) {
  const home = findApp(world, input.app);
  if (input.requestUrl !== undefined && input.verify)
    await http.verify(home, input.requestUrl).catch(refuseUrl);
  if (input.scopes !== undefined) home.scopes = input.scopes;
  // Everything else is the app's own, wherever it is installed.
  for (const app of world.installations(home.id)) {
    if (input.requestUrl !== undefined) {
      app.requestUrl = input.requestUrl;
      app.transport = 'http';
    }
    if (input.transport !== undefined) app.transport = input.transport;
    if (input.subscriptions !== undefined) app.subscriptions = input.subscriptions ?? undefined;
    if (input.userSubscriptions !== undefined) app.userSubscriptions = input.userSubscriptions;
    if (input.redirectUrls !== undefined) app.redirectUrls = input.redirectUrls;
    if (input.tokenLifeSeconds !== undefined) app.tokenLifeSeconds = input.tokenLifeSeconds ?? undefined;
    if (input.features !== undefined) app.features = input.features;
    if (input.distributed !== undefined) app.distributed = input.distributed;
  }
  world.changed({ what: 'team', teamId: home.teamId, id: home.id });
  return appView(home);
}

function refuseUrl(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new ControlError(`The request URL wasn't accepted: ${reason}`);
}
