import type { TextSource } from '../text/inline.ts';
import type { World } from '../world.ts';

/** Looks up the `@names`, `#channels` and custom emoji that a person of the team may type. */
export function namesOf(world: World, teamId: string): NonNullable<TextSource['names']> {
  return {
    user: (name) => {
      for (const user of world.usersByTeam.get(teamId)?.values() ?? []) {
        if (user.name === name || user.displayName === name) return user.id;
      }
      return undefined;
    },
    channel: (name) => {
      for (const channel of world.channelsByTeam.get(teamId)?.values() ?? [])
        if (channel.name === name) return channel.id;
      return undefined;
    },
    isCustomEmoji: (name) => world.teams.get(teamId)?.emoji.has(name) ?? false,
  };
}
