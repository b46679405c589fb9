import { variableFor } from './secrets.ts';
import type { Config } from './resolve.ts';
import type { Path, Problem } from './source.ts';

type Draft = Omit<Config, 'file'>;

/** What needs more than one key to be judged, or more than a pattern. */
export function checkConfig(config: Draft): readonly Problem[] {
  return [
    ...checkNames(config),
    ...checkDatabase(config),
    ...checkTeams(config),
    ...checkListeners(config),
    ...checkRooms(config),
    ...checkPeople(config),
  ];
}

function checkNames({ appservice }: Draft): readonly Problem[] {
  if (!appservice.bot.startsWith(appservice.ghost_prefix)) return [];
  const message = `must not begin with appservice.ghost_prefix (${appservice.ghost_prefix}): the bot would look like a ghost`;
  return [{ path: ['appservice', 'bot'], message }];
}

function checkDatabase({ database }: Draft): readonly Problem[] {
  if (database === undefined || /^postgres(ql)?:\/\/[^\s]+$/.test(database.url)) return [];
  const message =
    'must look like postgres://user:password@host/database (also when it comes from DATABASE_URL)';
  return [{ path: ['database', 'url'], message }];
}

function checkTeams(config: Draft): readonly Problem[] {
  const { slack } = config;
  if (slack.teams.length === 0) return checkApp(config);
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const [index, team] of slack.teams.entries()) {
    const path: Path = ['slack', 'teams', index];
    problems.push(...checkBotToken(team.bot_token, [...path, 'bot_token']));
    if (slack.transport === 'socket') problems.push(...checkAppToken(team.app_token, path));
    if (slack.transport === 'http') problems.push(...checkSigningSecret(team.signing_secret, path));
    problems.push(...checkClient(team, path));
    if (team.bot_token !== '' && seen.has(team.bot_token))
      problems.push({ path: [...path, 'bot_token'], message: 'stands twice: each workspace has its own' });
    seen.add(team.bot_token);
  }
  return problems;
}

/** Without a workspace there must be an app that can be installed in one. */
function checkApp({ slack, web }: Draft): readonly Problem[] {
  const path: Path = ['slack', 'teams'];
  if (slack.app === undefined) {
    const variable = variableFor([...path, 0, 'bot_token']);
    const heard = slack.transport === 'socket' ? 'slack.app_token' : 'slack.signing_secret';
    const message = `name at least one workspace: - bot_token: xoxb-… (or ${variable}); or set slack.client_id, slack.client_secret, ${heard} and web.public_url, and install the app with “!slack install”`;
    return [{ path, message }];
  }
  if (web.public_url === undefined) {
    const message =
      'is needed while slack.teams is empty: browsers that install the app have to reach the bridge';
    return [{ path: ['web', 'public_url'], message }];
  }
  return slack.transport === 'socket' ? checkAppToken(slack.app.app_token, ['slack']) : [];
}

function checkBotToken(token: string, path: Path): readonly Problem[] {
  if (/^xox(e\.xox)?b-\S+$/.test(token)) return [];
  return [{ path, message: botTokenAdvice(token, path) }];
}

function botTokenAdvice(token: string, path: Path): string {
  if (token === '')
    return `is missing: the bot's token, xoxb-… (or the environment variable ${variableFor(path)})`;
  if (/^xox[cds]-/.test(token))
    return "is a browser session's token: Slack's terms forbid using it here; take the bot token (xoxb-…) of an app of your own";
  if (token.startsWith('xoxp-')) return "is a user's token: take the Bot User OAuth Token, xoxb-…";
  if (token.startsWith('xapp-'))
    return 'is an app-level token: it belongs to app_token; here stands the bot token, xoxb-…';
  return "is not a bot token: those begin with xoxb- (in the app's settings: OAuth & Permissions)";
}

function checkAppToken(token: string | undefined, team: Path): readonly Problem[] {
  if (token === undefined) {
    const message = `slack.transport is socket, so slack.app_token (or ${variableFor(['slack', 'app_token'])}) is needed: xapp-…`;
    return [{ path: [...team, 'app_token'], message }];
  }
  if (/^xapp-\S+$/.test(token)) return [];
  const message =
    "the app token is not one: those begin with xapp- (in the app's settings: Basic Information, App-Level Tokens)";
  return [{ path: [...team, 'app_token'], message }];
}

function checkSigningSecret(secret: string | undefined, team: Path): readonly Problem[] {
  if (secret !== undefined) return [];
  const message = `slack.transport is http, so slack.signing_secret (or ${variableFor(['slack', 'signing_secret'])}) is needed`;
  return [{ path: [...team, 'signing_secret'], message }];
}

/** An app's client id and its secret come together. */
function checkClient(team: Draft['slack']['teams'][number], path: Path): readonly Problem[] {
  if ((team.client_id === undefined) === (team.client_secret === undefined)) return [];
  const [here, missing] =
    team.client_id === undefined ? ['client_secret', 'client_id'] : ['client_id', 'client_secret'];
  const message = `${here} (of this workspace, or of all) stands without ${missing}: people link their accounts with both (in the app's settings: Basic Information, App Credentials)`;
  return [{ path: [...path, here], message }];
}

function checkListeners({ appservice, web, slack }: Draft): readonly Problem[] {
  const listeners = [
    { path: ['appservice', 'port'], host: appservice.host, port: appservice.port },
    { path: ['web', 'port'], host: web.host, port: web.port },
    ...(slack.transport === 'http'
      ? [{ path: ['slack', 'http', 'port'], host: slack.http.host, port: slack.http.port }]
      : []),
  ];
  return listeners.flatMap((listener, index) => {
    const other = listeners.slice(0, index).find((earlier) => collide(earlier, listener));
    if (!other) return [];
    const message = `${listener.port} is ${other.path.join('.')} already: each listener needs a port of its own`;
    return [{ path: listener.path, message }];
  });
}

interface Listener {
  readonly host: string;
  readonly port: number;
}

function collide(left: Listener, right: Listener): boolean {
  const everywhere = (host: string) => host === '0.0.0.0' || host === '::';
  if (left.port === 0 || left.port !== right.port) return false; // 0: any free port
  return left.host === right.host || everywhere(left.host) || everywhere(right.host);
}

function checkRooms({ rooms }: Draft): readonly Problem[] {
  if (rooms.additional_creators.length === 0 || !(Number(rooms.version) < 12)) return [];
  const message = `rooms of version ${rooms.version} have no additional creators: take version 12 or later, or leave this out`;
  return [{ path: ['rooms', 'additional_creators'], message }];
}

function checkPeople({ homeserver, people }: Draft): readonly Problem[] {
  if (people.match === 'off' || homeserver.admin_token !== undefined) return [];
  const message = `${people.match} needs homeserver.admin_token: only Synapse's administrators see people's addresses`;
  return [{ path: ['people', 'match'], message }];
}
