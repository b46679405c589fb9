import type {
  AppsConnectionsOpenResponse,
  AuthRevokeResponse,
  AuthTeamsListResponse,
  AuthTestResponse,
  EmojiListResponse,
  TeamInfoResponse,
  UsergroupsListResponse,
  UsergroupsUsersListResponse,
} from '@slack/web-api';

import { publishToTeam } from '../events.ts';
import { grantedTo } from '../organisations.ts';
import type { Shape } from '../shapes/vendor.ts';
import { usergroupShape } from '../usergroups.ts';
import { flag, requiredText, text } from './arguments.ts';
import { method, SlackError } from './call.ts';
import type { Answer, Call, Methods } from './call.ts';
import { knownTeam } from './lookup.ts';
import { page } from './pages.ts';

export const workspace: Methods = {
  'auth.test': method('unlimited', [], authTest),
  'auth.revoke': method(50, [], authRevoke),
  'auth.teams.list': method(20, [], authTeamsList),
  'apps.connections.open': { tier: 1, tokens: ['app'], scopes: [], run: openConnection },
  'team.info': method(50, ['team:read'], teamInfo),
  'emoji.list': method(20, ['emoji:read'], emojiList),
  'usergroups.list': method(20, ['usergroups:read'], usergroupsList),
  'usergroups.users.list': method(20, ['usergroups:read'], usergroupsUsersList),
};

function authTest(call: Call): Answer {
  const { team, app, token, userId } = call.caller;
  const user = call.world.users.get(userId);
  if (token.organisation !== undefined)
    return {
      ok: true,
      url: `https://${token.organisation.toLowerCase()}.enterprise.slack.com/`,
      team: team.organisation?.name,
      user: user?.name,
      team_id: token.organisation,
      user_id: userId,
      bot_id: app.botId,
      enterprise_id: token.organisation,
      is_enterprise_install: true,
    } satisfies Shape<AuthTestResponse>;
  return {
    ok: true,
    url: `https://${team.domain}.slack.com/`,
    team: team.name,
    user: user?.name,
    team_id: team.id,
    user_id: userId,
    bot_id: token.kind === 'bot' ? app.botId : undefined,
    is_enterprise_install: false,
  } satisfies Shape<AuthTestResponse>;
}

function authTeamsList(call: Call): Answer {
  const { app, team, token } = call.caller;
  const apps = token.organisation === undefined ? [] : grantedTo(call.world, app.id, token.organisation);
  const granted = apps.flatMap(({ teamId }) => call.world.teams.get(teamId) ?? []);
  const teams = (token.organisation === undefined ? [team] : granted).map(({ id, name }) => ({ id, name }));
  const { items, nextCursor } = page(call, teams);
  return {
    ok: true,
    teams: [...items],
    response_metadata: { next_cursor: nextCursor },
  } satisfies Shape<AuthTeamsListResponse>;
}

/** The vendor's type lacks the one field that the method's page names. */
type Revoked = Shape<AuthRevokeResponse> & { readonly revoked: boolean };

function authRevoke(call: Call): Answer {
  if (flag(call, 'test')) return { ok: true, revoked: false } satisfies Revoked;
  const { token, app, userId } = call.caller;
  const tokens = token.kind === 'bot' ? { bot: [userId] } : { oauth: [userId] };
  publishToTeam(
    call.world,
    app.teamId,
    { type: 'tokens_revoked', tokens, event_ts: call.world.eventTs() },
    app.id,
  );
  token.revoked = true;
  return { ok: true, revoked: true } satisfies Revoked;
}

function openConnection(call: Call): Answer {
  const { app } = call.caller;
  if (app.transport !== 'socket')
    throw new SlackError('forbidden_url', { detail: 'Socket Mode is switched off.' });
  return { ok: true, url: call.sockets.createAddress(app) } satisfies Shape<AppsConnectionsOpenResponse>;
}

function teamInfo(call: Call): Answer {
  const asked = text(call, 'team');
  const team = asked === undefined ? call.caller.team : knownTeam(call, asked);
  if (!team) throw new SlackError('team_not_found');
  const icon = (size: number) => `${call.world.url}/avatars/${team.icon ?? team.id}_${size}.png`;
  return {
    ok: true,
    team: {
      id: team.id,
      name: team.name,
      domain: team.domain,
      url: `https://${team.domain}.slack.com/`,
      email_domain: '',
      icon: {
        image_default: team.icon === undefined,
        image_34: icon(34),
        image_44: icon(44),
        image_68: icon(68),
        image_88: icon(88),
        image_102: icon(102),
        image_132: icon(132),
        image_230: icon(230),
      },
    },
  } satisfies Shape<TeamInfoResponse>;
}

function emojiList(call: Call): Answer {
  return {
    ok: true,
    emoji: Object.fromEntries(call.caller.team.emoji),
    cache_ts: call.world.eventTs(),
  } satisfies Shape<EmojiListResponse>;
}

function usergroupsList(call: Call): Answer {
  const { team } = call.caller;
  const withUsers = flag(call, 'include_users');
  return {
    ok: true,
    usergroups: [...team.usergroups.values()].map((group) => usergroupShape(team, group, withUsers)),
  } satisfies Shape<UsergroupsListResponse>;
}

function usergroupsUsersList(call: Call): Answer {
  const group = call.caller.team.usergroups.get(requiredText(call, 'usergroup', 'no_such_subteam'));
  if (!group) throw new SlackError('no_such_subteam');
  return { ok: true, users: group.users } satisfies Shape<UsergroupsUsersListResponse>;
}
