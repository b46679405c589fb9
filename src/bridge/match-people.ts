import { CannotBridge, TryLater } from '../errors.ts';
import { textDoc } from '../format/doc.ts';
import type { MatrixUserId, TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { AddressesOf } from '../matrix/addresses.ts';
import type { Match, MatrixPort, PortalStore, SlackPort } from '../portal/ports.ts';
import type { FindByAddress } from '../slack/people-addresses.ts';
import type { Matches } from '../store/matches.ts';
import type { Puppets } from '../store/puppets.ts';

export interface MatchingOptions {
  readonly portals: Pick<PortalStore, 'all'>;
  readonly matches: Matches;
  readonly puppets: Pick<Puppets, 'all'>;
  readonly matrix: Pick<MatrixPort, 'bot' | 'chatWith' | 'isOurs' | 'joinedMembers' | 'send'>;
  readonly slack: Pick<SlackPort, 'profile' | 'teams'>;
  readonly addressesOf: AddressesOf;
  readonly byAddress: (team: TeamId) => FindByAddress | undefined;
  /** Why nobody can link an account there. */
  readonly obstacle: (team: TeamId) => string | undefined;
  readonly log: Logger;
  /** In milliseconds: how long the first sweep waits, and each next one, and one question after another. */
  readonly times?: { readonly first: number; readonly every: number; readonly between: number };
}

const usually = { first: 60_000, every: 6 * 60 * 60_000, between: 200 };

/**
 * Looks, from time to time and in the background, for people of the homeserver in linked rooms who have the address of
 * somebody in Slack, and tells each once how to link the two. Nothing is linked by that.
 */
export function matchPeople(options: MatchingOptions): { readonly stop: () => Promise<void> } {
  const { log, times = usually } = options;
  const stopping = new AbortController();
  let sweeping: Promise<void> = Promise.resolve();
  let timer = setTimeout(next, times.first);

  function next(): void {
    sweeping = sweep(options, times.between, stopping.signal)
      .catch((error: unknown) => {
        if (error instanceof TryLater || error instanceof CannotBridge)
          log.debug('people could not be matched now', { error });
        else log.error('people could not be matched', { error });
      })
      .finally(() => {
        if (!stopping.signal.aborted) timer = setTimeout(next, times.every);
      });
  }

  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await sweeping;
    },
  };
}

async function sweep(options: MatchingOptions, between: number, signal: AbortSignal): Promise<void> {
  const { addressesOf, byAddress, matches, slack } = options;
  await matches.refresh();
  for (const user of await peopleOf(options)) {
    if (signal.aborted) return;
    if (matches.isRefused(user)) continue;
    const addresses = await addressesOf(user);
    for (const { id } of addresses ? slack.teams() : []) {
      const find = byAddress(id);
      if (find) await matchIn(options, { user, team: id, found: new Set(addresses?.map(find)) });
    }
    await new Promise((resolve) => setTimeout(resolve, between));
  }
}

/** People of our homeserver who are in linked rooms. */
async function peopleOf({ portals, matrix }: MatchingOptions): Promise<ReadonlySet<MatrixUserId>> {
  const domain = matrix.bot.slice(matrix.bot.indexOf(':'));
  const people = new Set<MatrixUserId>();
  for (const { room, status } of portals.all()) {
    if (status !== 'live') continue;
    for (const user of await matrix.joinedMembers(room))
      if (user.endsWith(domain) && !matrix.isOurs(user)) people.add(user);
  }
  return people;
}

interface Found {
  readonly user: MatrixUserId;
  readonly team: TeamId;
  /** Whose address is one of the user's; undefined among them: nobody's. */
  readonly found: ReadonlySet<Match['slackUser'] | undefined>;
}

async function matchIn(options: MatchingOptions, { user, team, found }: Found): Promise<void> {
  const { matches, puppets } = options;
  const [slackUser, ...others] = [...found].filter((each) => each !== undefined);
  if (slackUser === undefined || others.length > 0) return matches.forget(user, team);
  const match = { team, slackUser, matrixUser: user };
  const isLinked = puppets
    .all()
    .some((each) => each.team === team && (each.matrixUser === user || each.slackUser === slackUser));
  if (isLinked || matches.has(match) || matches.isRefused({ team, slackUser })) return;
  await matches.forget(user, team);
  await tell(options, match);
  await matches.save(match);
}

/** The same words of the same match are said once, however often this is tried. */
async function tell(
  { matrix, slack, obstacle, log }: MatchingOptions,
  { team, slackUser, matrixUser }: Match,
): Promise<void> {
  if (obstacle(team) !== undefined) return;
  const workspace = slack.teams().find(({ id }) => id === team)?.name ?? team;
  try {
    const { name } = await slack.profile(team, slackUser, { background: true });
    const words = `The Slack account “${name}” in ${workspace} has your e-mail address. If it is yours, say “login ${workspace}” to me here to link it: then what you write on one side appears as yours on the other. To hear nothing of such accounts say “match off”.`;
    const room = await matrix.chatWith(matrixUser);
    const key = { fact: `match:${team}:${slackUser}:${matrixUser}`, part: 'notice' };
    await matrix.send(matrix.bot, room, { kind: 'notice', text: textDoc(words) }, key);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    log.info('a person was not told of an account of theirs', { team, reason: error.reason });
  }
}
