import { createChannel } from './channels.ts';
import { publishDirectOpened } from './events.ts';
import type { Channel } from './model.ts';
import type { World } from './world.ts';

/** The conversation of exactly these people: a DM of two (or with oneself), or a group DM. */
export function findDirect(world: World, teamId: string, users: readonly string[]): Channel | undefined {
  const members = new Set(users);
  const kind = kindOf(members);
  for (const channel of world.channelsByTeam.get(teamId)?.values() ?? []) {
    if (
      channel.kind === kind &&
      members.size === channel.members.size &&
      [...members].every((id) => channel.members.has(id))
    )
      return channel;
  }
  return undefined;
}

/** As `findDirect`, and makes it where there is none. The first of the people is who asks. */
export function openDirect(
  world: World,
  teamId: string,
  users: readonly string[],
): { readonly channel: Channel; readonly existed: boolean } {
  const known = findDirect(world, teamId, users);
  if (known) return { channel: known, existed: true };
  const members = new Set(users);
  const [creator = ''] = users;
  const kind = kindOf(members);
  const names = [...members].map((id) => world.users.get(id)?.name ?? id);
  const name = kind === 'mpim' ? `mpdm-${names.join('--')}-1` : '';
  const channel = createChannel(world, { teamId, kind, name, creator });
  for (const member of members) channel.members.add(member);
  if (kind === 'mpim') {
    const value = `Group messaging with: ${names.map((each) => `@${each}`).join(' ')}`;
    channel.purpose = { value, creator, lastSet: world.seconds() };
  }
  publishDirectOpened(world, channel, creator);
  return { channel, existed: false };
}

/** More people come in: those of a group DM stay the same, so it is another conversation. */
export function growDirect(world: World, channel: Channel, by: string, users: readonly string[]): Channel {
  return openDirect(world, channel.teamId, [by, ...channel.members, ...users]).channel;
}

export function isDirect({ kind }: Channel): boolean {
  return kind === 'im' || kind === 'mpim';
}

function kindOf(members: ReadonlySet<string>): 'im' | 'mpim' {
  return members.size <= 2 ? 'im' : 'mpim';
}
