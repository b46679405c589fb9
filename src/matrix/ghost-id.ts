import type { AuthorId, MatrixUserId, TeamId } from '../ids.ts';
import { authorId, InvalidId, matrixUserId, teamId } from '../ids.ts';

/** What the ids of our Matrix users are made of. */
export interface GhostNames {
  /** The homeserver's name, e.g. `example.org`. */
  readonly domain: string;
  /** The localpart of the bridge's bot. */
  readonly bot: string;
  /** What all ghosts' localparts begin with, e.g. `slack_`. */
  readonly prefix: string;
  /** Whether the workspace is part of a ghost's id. */
  readonly withTeam: boolean;
}

/** Whose ghost a Matrix user is; `team` where the id says it. */
export interface GhostOwner {
  readonly author: AuthorId;
  readonly team?: TeamId;
}

/**
 * A ghost's localpart. Slack's ids have capitals and digits only, Matrix's have no capitals: lower case loses nothing,
 * and `_` can only be the joint of the two ids. So no two authors share a ghost, and an id never changes its meaning.
 *
 * | Slack             | with `slack_`  | and the team          |
 * | ----------------- | -------------- | --------------------- |
 * | T024BE7LD, U023BF | `slack_u023bf` | `slack_t024be7ld_u023bf` |
 * | T024BE7LD, B0X1   | `slack_b0x1`   | `slack_t024be7ld_b0x1`   |
 */
function ghostLocalpart(names: GhostNames, team: TeamId, author: AuthorId): string {
  const own = author.toLowerCase();
  return names.prefix + (names.withTeam ? `${team.toLowerCase()}_${own}` : own);
}

export function ghostId(names: GhostNames, team: TeamId, author: AuthorId): MatrixUserId {
  return matrixUserId(`@${ghostLocalpart(names, team, author)}:${names.domain}`);
}

export function botUserId(names: GhostNames): MatrixUserId {
  return matrixUserId(`@${names.bot}:${names.domain}`);
}

/** The localpart of a user of our homeserver; `undefined` for people of other servers. */
export function localpartOf(names: GhostNames, user: string): string | undefined {
  const end = `:${names.domain}`;
  return user.startsWith('@') && user.endsWith(end) ? user.slice(1, -end.length) : undefined;
}

/**
 * The inverse of {@link ghostId}. Reads both forms, so that ghosts of before a change of `withTeam` are known too.
 * `undefined` for everybody who isn't a ghost, also for ids in our namespace that no Slack id has given.
 */
export function ghostOwner(names: GhostNames, user: string): GhostOwner | undefined {
  const localpart = localpartOf(names, user);
  if (localpart === undefined || localpart === names.bot || !localpart.startsWith(names.prefix)) {
    return undefined;
  }
  const found = /^(?:([te][a-z0-9]+)_)?([uwb][a-z0-9]+)$/.exec(localpart.slice(names.prefix.length));
  if (!found) return undefined;
  const [, team, author] = found;
  try {
    return {
      author: authorId(author?.toUpperCase()),
      ...(team !== undefined && { team: teamId(team.toUpperCase()) }),
    };
  } catch (error) {
    if (error instanceof InvalidId) return undefined; // in our namespace, made by somebody else
    throw error;
  }
}

/** The bot, or anybody in the ghosts' namespace. */
export function isOurUser(names: GhostNames, user: string): boolean {
  const localpart = localpartOf(names, user);
  return localpart !== undefined && (localpart === names.bot || localpart.startsWith(names.prefix));
}
