import type { TeamId } from '../ids.ts';
import { slackUserId, teamId } from '../ids.ts';
import type { SlackTeam } from '../portal/ports.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, objectsOf, textOf } from './fields.ts';

/** One call with the token in question. */
export type Ask = (method: string, args?: Readonly<Record<string, unknown>>) => Promise<Fields>;

const pageSize = 100;

/**
 * The workspaces in which an organisation lets the app be used, and which its one token opens. The bot is the same person in
 * all of them. `known`: those that needn't be asked about.
 * @see https://docs.slack.dev/reference/methods/auth.teams.list
 */
export async function grantedTeams(
  ask: Ask,
  auth: Fields,
  known: readonly SlackTeam[],
): Promise<readonly SlackTeam[]> {
  const listed = await listedTeams(ask);
  const bot = slackUserId(auth['user_id']);
  const [first] = listed;
  const botId = textOf(auth['bot_id']);
  const appId = known[0]?.appId ?? (first && botId && (await appOf(ask, botId, first.id)));
  const found: SlackTeam[] = [];
  for (const { id, name } of listed) {
    const before = known.find((team) => team.id === id);
    const url = before?.url ?? (await addressOf(ask, id)) ?? textOf(auth['url']) ?? 'https://slack.com/';
    found.push({ id, name: name ?? before?.name ?? id, url, appId, bot, botId });
  }
  return found;
}

interface Listed {
  readonly id: TeamId;
  readonly name: string | undefined;
}

async function listedTeams(ask: Ask): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask('auth.teams.list', { limit: pageSize, ...(cursor !== undefined && { cursor }) });
    for (const raw of objectsOf(page['teams'])) {
      const id = maybe(teamId, raw['id']);
      if (id !== undefined) found.push({ id, name: textOf(raw['name']) });
    }
    cursor = textOf(fieldsOf(page['response_metadata'])['next_cursor']);
  } while (cursor !== undefined);
  return found;
}

/** Undefined where the app isn't permitted to ask. */
async function addressOf(ask: Ask, team: TeamId): Promise<string | undefined> {
  try {
    const info = fieldsOf((await ask('team.info', { team }))['team']);
    const domain = textOf(info['domain']);
    return textOf(info['url']) ?? (domain === undefined ? undefined : `https://${domain}.slack.com/`);
  } catch {
    return undefined;
  }
}

/** An app's bot may have another id in each workspace: Slack may not know this one. */
async function appOf(ask: Ask, bot: string, team: TeamId): Promise<string | undefined> {
  try {
    return textOf(fieldsOf((await ask('bots.info', { bot, team_id: team }))['bot'])['app_id']);
  } catch {
    return undefined;
  }
}
