import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { MatchDirectory } from '../portal/ports.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { Store } from '../store/open-store.ts';
import { obstacle } from './login-parts.ts';
import type { LoginParts } from './login-parts.ts';
import { matchPeople } from './match-people.ts';
import { watchPuppets } from './puppet-watch.ts';

interface Parts {
  readonly store: Pick<Store, 'matches' | 'portals' | 'puppets'>;
  readonly slack: SlackAdapter;
  readonly matrix: MatrixAdapter;
  readonly logins: LoginParts;
  readonly log: Logger;
}

/** Tells people what becomes of their logins, and of accounts that could be theirs if the administrator wants that. */
export function watchPeople(
  config: Pick<Config, 'people'>,
  parts: Parts,
): { readonly stop: () => Promise<void> } {
  const { store, slack, log } = parts;
  const { port: matrix, addressesOf } = parts.matrix;
  const puppets = watchPuppets({ puppets: store.puppets, matrix, slack, log });
  if (config.people.match === 'off') return puppets;
  const matching = matchPeople({
    ...store,
    matrix,
    slack,
    addressesOf,
    byAddress: (team) => slack.byAddress(team),
    obstacle: (team) => obstacle(parts.logins, team),
    log,
  });
  return {
    stop: async () => {
      await Promise.all([puppets.stop(), matching.stop()]);
    },
  };
}

export const noMatches: MatchDirectory = { ofSlackUser: () => undefined, ofMatrixUser: () => undefined };
