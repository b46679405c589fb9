import { publishUser } from './events.ts';
import { newId, newSecret } from './ids.ts';
import type { User } from './model.ts';
import type { World } from './world.ts';

/** Slack's own voice: in every team, in no channel's list of members. */
export const SLACKBOT = 'USLACKBOT';

const COLORS = ['9f69e7', '4bbe2e', 'e7392d', '3c989f', '674b1b', 'e96699', '2b6836', '5b89d5'];

export interface NewUser {
  readonly id?: string | undefined;
  readonly teamId: string;
  readonly name: string;
  readonly realName?: string | undefined;
  readonly displayName?: string | undefined;
  readonly email?: string | undefined;
  readonly title?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly picture?: boolean | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly isOwner?: boolean | undefined;
  readonly isPrimaryOwner?: boolean | undefined;
  readonly isRestricted?: boolean | undefined;
  readonly isUltraRestricted?: boolean | undefined;
  readonly isStranger?: boolean | undefined;
  readonly bot?: User['bot'];
}

/** Adds a person or a bot user, and tells apps of a new person by `team_join`. */
export function createUser(world: World, options: NewUser): User {
  const realName = options.realName ?? options.name;
  const user: User = {
    id: options.id ?? newId('U'),
    teamId: options.teamId,
    name: options.name,
    realName,
    displayName: options.displayName ?? '',
    email: options.email,
    title: options.title ?? '',
    statusText: '',
    statusEmoji: '',
    timeZone: options.timeZone ?? 'Europe/London',
    deleted: false,
    isAdmin: options.isAdmin ?? false,
    isOwner: options.isOwner ?? false,
    isPrimaryOwner: options.isPrimaryOwner ?? false,
    isRestricted: options.isRestricted ?? false,
    isUltraRestricted: options.isUltraRestricted ?? false,
    isStranger: options.isStranger ?? false,
    avatarHash: options.picture === false ? undefined : newSecret(6),
    color: COLORS[world.users.size % COLORS.length] ?? '9f69e7',
    bot: options.bot,
    updated: world.seconds(),
  };
  world.addUser(user);
  if (!user.bot) joinGeneral(world, user);
  if (!user.bot) publishUser(world, user, 'team_join');
  touch(world, user);
  return user;
}

/** Everyone is in `#general` from the start. */
function joinGeneral(world: World, user: User): void {
  for (const channel of world.channelsByTeam.get(user.teamId)?.values() ?? []) {
    if (channel.general) channel.members.add(user.id);
  }
}

/** Slackbot as a member of a team; it isn't kept, for its id is the same everywhere. */
export function slackbot(teamId: string): User {
  return {
    id: SLACKBOT,
    teamId,
    name: 'slackbot',
    realName: 'Slackbot',
    displayName: 'Slackbot',
    email: undefined,
    title: '',
    statusText: '',
    statusEmoji: '',
    timeZone: 'America/Los_Angeles',
    deleted: false,
    isAdmin: false,
    isOwner: false,
    isPrimaryOwner: false,
    isRestricted: false,
    isUltraRestricted: false,
    isStranger: false,
    avatarHash: 'slackbot',
    color: '757575',
    bot: undefined,
    updated: 0,
  };
}

export interface UserChange {
  readonly name?: string | undefined;
  readonly realName?: string | undefined;
  readonly displayName?: string | undefined;
  readonly email?: string | undefined;
  readonly title?: string | undefined;
  readonly statusText?: string | undefined;
  readonly statusEmoji?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly deleted?: boolean | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly isOwner?: boolean | undefined;
  readonly isPrimaryOwner?: boolean | undefined;
  readonly isRestricted?: boolean | undefined;
  readonly isUltraRestricted?: boolean | undefined;
  readonly isStranger?: boolean | undefined;
  /** `true`: a new picture; `false`: none. */
  readonly picture?: boolean | undefined;
}

/** Changes what `change` names, and tells apps by `user_change`. */
export function updateUser(world: World, user: User, change: UserChange): void {
  const { picture, ...fields } = change;
  Object.assign(user, Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
  if (picture !== undefined) user.avatarHash = picture ? newSecret(6) : undefined;
  if (user.deleted)
    for (const channel of world.channelsByTeam.get(user.teamId)?.values() ?? []) {
      if (channel.kind === 'public' || channel.kind === 'private') channel.members.delete(user.id);
    }
  user.updated = world.seconds();
  publishUser(world, user, 'user_change');
  touch(world, user);
}

function touch(world: World, user: User): void {
  world.changed({ what: 'user', teamId: user.teamId, id: user.id });
}
