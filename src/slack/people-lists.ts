import { CannotBridge, TryLater } from '../errors.ts';
import type { SlackProfile } from '../events.ts';
import type { TeamId } from '../ids.ts';
import { slackUserId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { CallSlack } from './calls.ts';
import { fieldsOf, maybe, objectsOf, textOf } from './fields.ts';
import type { PeopleAddresses } from './people-addresses.ts';
import type { PeopleNames } from './people-names.ts';
import { userProfile } from './profile.ts';
import { createRepeating, createTeamWork } from './repeating.ts';
import type { TeamWork } from './repeating.ts';

/** Reads in the background who is in the workspaces, so that nobody passes for one whom the bridge hasn't met. */
export type PeopleLists = Pick<TeamWork, 'begin' | 'join' | 'stop'>;

interface PeopleListsOptions {
  readonly call: CallSlack;
  readonly names: PeopleNames;
  readonly addresses: PeopleAddresses;
  readonly teams: readonly TeamId[];
  readonly log: Logger;
}

/** How often a whole list is read, in milliseconds: events tell of changes meanwhile. */
const every = 24 * 60 * 60_000;
/** After a failure that may pass, in milliseconds. */
const again = 60_000;
/** As many as Slack recommends. */
const pageSize = 200;

export function createPeopleLists({ addresses, call, names, teams, log }: PeopleListsOptions): PeopleLists {
  /** One page after another, each with its own wait: a list of fifty thousand takes half an hour, and goes on where it was. */
  function createReading(team: TeamId): () => Promise<number> {
    let cursor: string | undefined;
    return async () => {
      try {
        do {
          const args = { limit: pageSize, cursor };
          const page = await call({ team, method: 'users.list', effect: 'read', background: true, args });
          const isRoom = noteAll(team, objectsOf(page['members']));
          const next = textOf(fieldsOf(page['response_metadata'])['next_cursor']);
          cursor = !isRoom || next === cursor ? undefined : next;
        } while (cursor !== undefined);
        addresses.whole(team);
        return every;
      } catch (error) {
        if (error instanceof TryLater) return Math.max(again, error.after ?? 0);
        if (!(error instanceof CannotBridge)) throw error;
        log.info(
          'the people of a workspace can’t be listed: only those that the bridge met are known by name',
          {
            team,
            reason: error.reason,
          },
        );
        cursor = undefined;
        return every;
      }
    };
  }

  function noteAll(team: TeamId, members: readonly ReturnType<typeof fieldsOf>[]): boolean {
    addresses.note(team, members);
    const people = members.flatMap((member) =>
      maybe(slackUserId, member['id']) === undefined ? [] : [namesOf(userProfile(team, member))],
    );
    return people.every((person) => names.noteUnmet(person));
  }

  return createTeamWork(teams, (team) => createRepeating(createReading(team)));
}

/** What of a profile is a name that others could take. */
export function namesOf({ team, id, name, realName, bot }: SlackProfile): Parameters<PeopleNames['note']>[0] {
  return { team, id, name, bot, ...(realName !== undefined && { otherNames: [realName] }) };
}
