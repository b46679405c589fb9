import type { SlackProfile } from '../events.ts';
import { unicodeOfName } from '../format/emoji.ts';
import { cleanName } from '../format/names.ts';
import type { TeamId } from '../ids.ts';
import { botId, slackUserId, teamId } from '../ids.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, textOf } from './fields.ts';

/**
 * A user object of `users.info` or `user_change`, as `team` sees the person. People of other organisations come with
 * fewer fields.
 * @see https://docs.slack.dev/reference/objects/user-object
 */
export function userProfile(team: TeamId, user: Fields): SlackProfile {
  const id = slackUserId(user['id']);
  const profile = fieldsOf(user['profile']);
  const picture = largestPicture(profile);
  const realName = firstName([profile['real_name'], user['real_name']]);
  const home = homeOf(team, user);
  return {
    team,
    id,
    name: firstName([profile['display_name'], realName, user['name']]) ?? id,
    ...(realName !== undefined && { realName }),
    ...(home !== undefined && { home }),
    ...detailsOf(user, profile),
    ...(picture !== undefined && { picture }),
    bot: user['is_bot'] === true || id === slackbot,
    deactivated: user['deleted'] === true,
  };
}

/**
 * The workspace of somebody of another organisation. People of one organisation's other workspaces are none.
 * @see https://docs.slack.dev/reference/objects/user-object
 */
function homeOf(team: TeamId, user: Fields): TeamId | undefined {
  const home = maybe(teamId, user['team_id']);
  const { teams } = fieldsOf(user['enterprise_user']);
  const isColleague = home === team || (Array.isArray(teams) && teams.includes(team));
  return isColleague ? undefined : home;
}

type Details = Pick<SlackProfile, 'username' | 'title' | 'pronouns' | 'timezone' | 'status'>;

function detailsOf(user: Fields, profile: Fields): Details {
  const username = firstName([user['name']]);
  const title = firstName([plain(profile['title'])]);
  const pronouns = firstName([plain(profile['pronouns'])]);
  const timezone = textOf(user['tz']);
  const emoji = unicodeOfName(textOf(profile['status_emoji']) ?? '');
  const text = firstName([plain(profile['status_text'])]);
  return {
    ...(username !== undefined && { username }),
    ...(title !== undefined && { title }),
    ...(pronouns !== undefined && { pronouns }),
    ...(timezone !== undefined && timezonePattern.test(timezone) && { timezone }),
    ...((emoji !== undefined || text !== undefined) && {
      status: { ...(emoji !== undefined && { emoji }), ...(text !== undefined && { text }) },
    }),
  };
}

const timezonePattern = /^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+){0,2}$/;

/** Slack escapes three characters in what people write. */
function plain(value: unknown): string {
  return (textOf(value) ?? '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Slack's own assistant, the same id in every workspace; its user object says that it is no bot. */
const slackbot = 'USLACKBOT';

/**
 * A bot object of `bots.info`.
 * @see https://docs.slack.dev/reference/methods/bots.info
 */
export function botProfile(team: TeamId, bot: Fields): SlackProfile {
  const id = botId(bot['id']);
  const picture = largestPicture(fieldsOf(bot['icons']));
  return {
    team,
    id,
    name: firstName([bot['name']]) ?? id,
    ...(picture !== undefined && { picture }),
    bot: true,
    deactivated: bot['deleted'] === true,
  };
}

/** The first of the names in which something is left once it is cleaned. */
function firstName(candidates: readonly unknown[]): string | undefined {
  return candidates.map((name) => cleanName(textOf(name) ?? '')).find((name) => name !== '');
}

/** The address under the `image_<pixels>` key with the most pixels: these are square, other keys needn't be. */
export function largestPicture(holder: Fields): string | undefined {
  let best: { readonly pixels: number; readonly url: string } | undefined;
  for (const [key, value] of Object.entries(holder)) {
    const pixels = Number(/^image_(\d{1,4})$/.exec(key)?.[1] ?? Number.NaN);
    const url = textOf(value);
    if (url === undefined || !/^https?:\/\//.test(url)) continue;
    if (pixels > (best?.pixels ?? 0)) best = { pixels, url };
  }
  return best?.url;
}
