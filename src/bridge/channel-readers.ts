import type { Logger } from '../log.ts';
import { readersOf } from '../portal/chats/readers.ts';
import type { ChannelReaders } from '../slack/ports.ts';
import type { Store } from '../store/open-store.ts';

/** Who reads channels that the bot isn't in: of the linked people who were seen to be there those whose login works. */
export function channelReaders(
  { portals, puppets, readers }: Pick<Store, 'portals' | 'puppets' | 'readers'>,
  log: Logger,
): ChannelReaders {
  return {
    of(place) {
      if (portals.byChannel(place.team, place.channel)?.through !== 'people') return undefined;
      return readersOf({ puppets, readers }, place);
    },
    lost(place, user) {
      log.info('a linked person is not in a conversation any more', { ...place, user });
      readers.remove(place, user).catch((error: unknown) => {
        log.debug('a reader could not be forgotten yet', { ...place, user, error });
      });
    },
  };
}
