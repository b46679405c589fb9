import { z } from 'zod';
import { matrixUserId, slackUserId, teamId } from '../ids.ts';
import type { MatrixUserId, SlackUserId, TeamId } from '../ids.ts';
import type { Match, MatchDirectory } from '../portal/ports.ts';
import type { Reader } from './reader.ts';

/** Matches of people, in memory as they were last read or changed here. Addresses are never kept. */
export interface Matches {
  readonly directory: MatchDirectory;
  /** Reads what other processes found, and who refused. */
  refresh(): Promise<void>;
  has(match: Match): boolean;
  save(match: Match): Promise<void>;
  /** This person has no match in the workspace, or no longer. */
  forget(user: MatrixUserId, team: TeamId): Promise<void>;
  /** Whether somebody of either side wants no matches. */
  isRefused(person: MatrixUserId | SlackPerson): boolean;
  /** What is known of them goes when they refuse. */
  setRefused(person: MatrixUserId | SlackPerson, refused: boolean): Promise<void>;
}

export interface SlackPerson {
  readonly team: TeamId;
  readonly slackUser: SlackUserId;
}

const all = { name: 'matches', text: 'select team, slack_user, matrix_user from person_match' };
const refusals = { name: 'match_refusals', text: 'select person from match_refusal' };
const save = {
  name: 'match_save',
  text: `insert into person_match (team, slack_user, matrix_user, state) values ($1, $2, $3, 'suggested') on conflict do nothing`,
};
const forget = {
  name: 'match_forget',
  text: 'delete from person_match where matrix_user = $1 and team = $2',
};
const refuse = {
  name: 'match_refuse',
  text: `with gone as (delete from person_match where matrix_user = $1 or team || ' ' || slack_user = $1)
    insert into match_refusal (person) values ($1) on conflict do nothing`,
};
const allow = { name: 'match_allow', text: 'delete from match_refusal where person = $1' };

const matchRows = z.array(
  z.object({
    team: z.string().transform(teamId),
    slack_user: z.string().transform(slackUserId),
    matrix_user: z.string().transform(matrixUserId),
  }),
);
const refusalRows = z.array(z.object({ person: z.string() }));

/** Knows nothing before the first `refresh`. */
export function createMatches(reader: Reader): Matches {
  let matches: readonly Match[] = [];
  let bySlack = new Map<string, MatrixUserId>();
  let byMatrix = new Map<string, SlackUserId>();
  let refused = new Set<string>();

  function hold(next: readonly Match[]): void {
    matches = next;
    bySlack = new Map(next.map(({ team, slackUser, matrixUser }) => [`${team} ${slackUser}`, matrixUser]));
    byMatrix = new Map(next.map(({ team, slackUser, matrixUser }) => [`${team} ${matrixUser}`, slackUser]));
  }

  async function refresh(): Promise<void> {
    const rows = matchRows.parse(await reader.query(all, []));
    refused = new Set(refusalRows.parse(await reader.query(refusals, [])).map(({ person }) => person));
    hold(
      rows.map(({ team, slack_user: slackUser, matrix_user: matrixUser }) => ({
        team,
        slackUser,
        matrixUser,
      })),
    );
  }

  const has = (match: Match): boolean =>
    byMatrix.get(`${match.team} ${match.matrixUser}`) === match.slackUser;
  return {
    directory: {
      ofSlackUser: (team, user) => bySlack.get(`${team} ${user}`),
      ofMatrixUser: (user, team) => byMatrix.get(`${team} ${user}`),
    },
    refresh,
    has,
    async save(match) {
      const { team, slackUser, matrixUser } = match;
      await reader.query(save, [team, slackUser, matrixUser]);
      if (!has(match)) hold([...matches, match]);
    },
    async forget(user, team) {
      if (byMatrix.has(`${team} ${user}`)) await reader.query(forget, [user, team]);
      hold(matches.filter((each) => each.matrixUser !== user || each.team !== team));
    },
    isRefused: (person) => refused.has(nameOf(person)),
    async setRefused(person, isRefused) {
      const name = nameOf(person);
      await reader.query(isRefused ? refuse : allow, [name]);
      if (!isRefused) return void refused.delete(name);
      refused.add(name);
      hold(matches.filter((each) => each.matrixUser !== name && nameOf(each) !== name));
    },
  };
}

function nameOf(person: MatrixUserId | SlackPerson): string {
  return typeof person === 'string' ? person : `${person.team} ${person.slackUser}`;
}
