import { permissionOf } from '../config.ts';
import type { Config } from '../config.ts';
import type { RootLogger } from '../log.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { PortalContext } from '../portal/context.ts';
import { createPauses } from '../portal/pauses.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { Store } from '../store/open-store.ts';
import type { PictureLinks } from '../web/picture-links.ts';
import type { deriveKeys } from './keys.ts';
import { createLetterRetries } from './letter-retries.ts';
import type { Meters } from './meters.ts';
import type { RetriedLetters } from './retried-letters.ts';
import type { Transfers } from './transfers.ts';
import { noMatches } from './watch-people.ts';

interface ContextParts {
  readonly store: Store;
  readonly slack: SlackAdapter;
  readonly matrix: MatrixAdapter;
  readonly files: Transfers;
  readonly pictures: PictureLinks | undefined;
  readonly meters: Meters;
  readonly keys: ReturnType<typeof deriveKeys>;
  readonly retried: RetriedLetters;
  readonly clock: PortalContext['clock'];
}

/** All that the portals work with. */
export function contextOf(config: Config, log: RootLogger, parts: ContextParts): PortalContext {
  const { store, slack, matrix, files, keys, pictures, retried, meters, clock } = parts;
  return {
    ...keptIn(store),
    matrix: matrix.port,
    slack,
    files,
    notices: slack.notices,
    retries: createLetterRetries({ letters: store.deadLetters, audit: store.audit, retried }),
    permissionOf: permissionOf(config),
    pictureLink: (picture) => pictures?.link(picture),
    opKey: keys.opKey,
    log: log.child({ part: 'portals' }),
    metrics: meters.portals,
    clock,
    pauses: createPauses(),
    membersUpTo: config.rooms.members_up_to,
    ...(config.encryption.enabled && { encryption: config.encryption }),
    matches: config.people.match === 'mentions' ? store.matches.directory : noMatches,
  };
}

/** What the portals remember. */
function keptIn({
  accounts,
  audit,
  chats,
  deadLetters: letters,
  links,
  portals,
  puppets,
  readers,
  shown,
}: Store) {
  return { accounts, audit, chats, letters, links, portals, puppets, readers, shown };
}
