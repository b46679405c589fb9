import type { App, Token } from './model.ts';
import { bringApp } from './teams.ts';
import { issueToken } from './tokens.ts';
import type { PublishedEvent, World } from './world.ts';

/**
 * What somebody who installs an app for their whole organisation gets: one bot in all the workspaces that let the app in, and
 * one token for it. The first is theirs; `grantAccess` adds others.
 */
export function installForOrganisation(
  world: World,
  home: App,
  teamId: string,
  scopes: readonly string[],
): Token {
  const id = world.teams.get(teamId)?.organisation?.id ?? '';
  const [known] = grantedTo(world, home.id, id);
  const app = known ?? world.installation(home.id, teamId) ?? bringApp(world, home, teamId);
  app.organisation = id;
  app.scopes = [...scopes];
  for (const each of grantedTo(world, home.id, id)) each.installed = true;
  const before = world.tokens.get(app.botToken);
  const lasts = app.tokenLifeSeconds === undefined && before?.revoked === false && before.organisation === id;
  const token = lasts
    ? before
    : issueToken(world, app, { kind: 'bot', userId: app.botUserId, scopes: app.scopes });
  for (const each of grantedTo(world, home.id, id)) each.botToken = token.value;
  world.changed({ what: 'team', teamId, id: app.id });
  return token;
}

/** The app in the workspaces that its organisation lets it into. */
export function grantedTo(world: World, appId: string, organisation: string): readonly App[] {
  return world.installations(appId).filter((each) => each.organisation === organisation);
}

/** The organisation lets the app into one more workspace. */
export function grantAccess(world: World, app: App, teamId: string): void {
  const { organisation = '' } = app;
  const [first = app] = grantedTo(world, app.id, organisation);
  tell(world, first, 'team_access_granted', teamId);
  if (world.installation(app.id, teamId)) return;
  world.addApp({ ...first, teamId });
  world.changed({ what: 'team', teamId, id: app.id });
}

/** The organisation takes a workspace from the app, which stays in the others. */
export function revokeAccess(world: World, app: App, teamId: string): void {
  const apps = world.appsByTeam.get(teamId) ?? [];
  const at = apps.findIndex(({ id, organisation }) => id === app.id && organisation !== undefined);
  if (at >= 0) apps.splice(at, 1);
  const [first] = grantedTo(world, app.id, app.organisation ?? '');
  if (first) tell(world, first, 'team_access_revoked', teamId);
  world.changed({ what: 'team', teamId, id: app.id });
}

function tell(world: World, app: App, type: 'team_access_granted' | 'team_access_revoked', teamId: string) {
  const event: PublishedEvent['event'] = { type, team_ids: [teamId], event_ts: world.eventTs() };
  world.publish({ teamId: app.teamId, channelId: undefined, reach: { appId: app.id }, event });
}
