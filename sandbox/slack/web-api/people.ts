import type {
  BotsInfoResponse,
  UsersInfoResponse,
  UsersListResponse,
  UsersLookupByEmailResponse,
  UsersProfileGetResponse,
} from '@slack/web-api';

import type { User } from '../model.ts';
import { slackbot } from '../people.ts';
import { botProfile } from '../shapes/message.ts';
import { profileShape, userShape } from '../shapes/user.ts';
import type { Shape } from '../shapes/vendor.ts';
import { requiredText, text } from './arguments.ts';
import { method, SlackError } from './call.ts';
import type { Answer, Call, Methods } from './call.ts';
import { requiredUser } from './lookup.ts';
import { page } from './pages.ts';

export const people: Methods = {
  'users.list': method(20, ['users:read'], listUsers),
  'users.info': method(100, ['users:read'], info),
  'users.profile.get': method(100, ['users.profile:read', 'users:read'], profile),
  'users.lookupByEmail': method(50, ['users:read.email'], lookupByEmail),
  'bots.info': method(50, ['users:read'], botInfo),
};

function listUsers(call: Call): Answer {
  const { id } = call.caller.team;
  const users = [slackbot(id), ...(call.world.usersByTeam.get(id)?.values() ?? [])];
  const { items, nextCursor } = page(call, users, 1000, 1000);
  return {
    ok: true,
    members: items.map((user) => shape(call, user)),
    cache_ts: call.world.seconds(),
    response_metadata: { next_cursor: nextCursor },
  } satisfies Shape<UsersListResponse>;
}

function info(call: Call): Answer {
  return { ok: true, user: shape(call, requiredUser(call)) } satisfies Shape<UsersInfoResponse>;
}

function profile(call: Call): Answer {
  const user =
    text(call, 'user') === undefined ? call.world.users.get(call.caller.userId) : requiredUser(call);
  if (!user) throw new SlackError('user_not_found');
  const { fields: _none, ...shown } = profileShape(call.world, user, maySeeEmail(call));
  return { ok: true, profile: shown } satisfies Shape<UsersProfileGetResponse>;
}

function lookupByEmail(call: Call): Answer {
  const email = requiredText(call, 'email', 'users_not_found').toLowerCase();
  for (const user of call.world.usersByTeam.get(call.caller.team.id)?.values() ?? []) {
    if (user.email?.toLowerCase() !== email || user.deleted) continue;
    return { ok: true, user: shape(call, user) } satisfies Shape<UsersLookupByEmailResponse>;
  }
  throw new SlackError('users_not_found');
}

function botInfo(call: Call): Answer {
  const bot = requiredText(call, 'bot', 'bot_not_found');
  const app = call.world.appsByTeam.get(call.caller.team.id)?.find(({ botId }) => botId === bot);
  if (!app) throw new SlackError('bot_not_found');
  const { id, app_id, user_id, name, icons, deleted, updated } = botProfile(call.world, app);
  return {
    ok: true,
    bot: { id, app_id, user_id, name, icons, deleted, updated },
  } satisfies Shape<BotsInfoResponse>;
}

function shape(call: Call, user: User) {
  return userShape(call.world, user, maySeeEmail(call));
}

function maySeeEmail(call: Call): boolean {
  return call.caller.scopes.includes('users:read.email');
}
