import { z } from 'zod';
import { matrixUserId, slackUserId, teamId } from '../ids.ts';
import type { AuthorId, MatrixUserId, SlackUserId, TeamId } from '../ids.ts';
import type { Puppet, PuppetDirectory } from '../portal/ports.ts';

/** A login as it is stored. */
export interface PuppetRow extends Puppet {
  /** Words that the person hasn't been told yet. */
  readonly notice?: string;
  /** Another one after each change. */
  readonly version: string;
}

export type UntoldPuppet = PuppetRow & { readonly notice: string };

export const puppetColumns =
  'matrix_user, team, slack_user, name, scopes, trouble, notice, double, linked_at, version::text as version';

const stored = z.array(
  z.object({
    matrix_user: z.string().transform(matrixUserId),
    team: z.string().transform(teamId),
    slack_user: z.string().transform(slackUserId),
    name: z.string(),
    scopes: z.array(z.string()),
    trouble: z.string().nullable(),
    notice: z.string().nullable(),
    double: z.boolean(),
    linked_at: z.date(),
    version: z.string(),
  }),
);

export function readPuppets(rows: unknown): readonly PuppetRow[] {
  return stored.parse(rows).map(toPuppet);
}

function toPuppet(row: z.infer<typeof stored>[number]): PuppetRow {
  const { matrix_user: matrixUser, team, slack_user: slackUser, name, scopes, trouble, notice } = row;
  return {
    matrixUser,
    team,
    slackUser,
    name,
    scopes,
    double: row.double,
    since: row.linked_at.getTime(),
    version: row.version,
    ...(trouble !== null && { trouble }),
    ...(notice !== null && { notice }),
  };
}

export interface PuppetMemory extends PuppetDirectory {
  readonly rows: ReadonlyMap<string, PuppetRow>;
  untold(): readonly UntoldPuppet[];
  /** All that there are now. */
  replace(rows: readonly PuppetRow[]): void;
}

/** @param changed hears of each login that came, went or is another one. */
export function createPuppetMemory(changed: (team: TeamId, user: SlackUserId) => void): PuppetMemory {
  let bySlackUser: ReadonlyMap<string, PuppetRow> = new Map();
  let byMatrixUser: ReadonlyMap<string, PuppetRow> = new Map();
  const usable = (row: PuppetRow | undefined) => (row?.trouble === undefined ? row : undefined);
  return {
    get rows() {
      return bySlackUser;
    },
    ofMatrixUser: (user, team) => usable(byMatrixUser.get(matrixKey(user, team))),
    ofSlackUser: (team, user) => usable(bySlackUser.get(slackKey(team, user))),
    ownerOf: (team, author) => bySlackUser.get(slackKey(team, author)),
    all: () => [...bySlackUser.values()],
    untold: () => [...bySlackUser.values()].filter((row): row is UntoldPuppet => row.notice !== undefined),
    replace(rows) {
      const before = bySlackUser;
      bySlackUser = new Map(rows.map((row) => [slackKey(row.team, row.slackUser), row]));
      byMatrixUser = new Map(rows.map((row) => [matrixKey(row.matrixUser, row.team), row]));
      for (const [key, { team, slackUser }] of new Map([...before, ...bySlackUser]))
        if (before.get(key)?.version !== bySlackUser.get(key)?.version) changed(team, slackUser);
    },
  };
}

export function slackKey(team: TeamId, user: AuthorId): string {
  return `${team} ${user}`;
}

function matrixKey(user: MatrixUserId, team: TeamId): string {
  return `${user} ${team}`;
}
