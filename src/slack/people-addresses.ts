import { createHmac, randomBytes } from 'node:crypto';
import type { SlackUserId, TeamId } from '../ids.ts';
import { slackUserId } from '../ids.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, textOf } from './fields.ts';

/** Who of a workspace has an address; undefined where nobody has, or several. */
export type FindByAddress = (address: string) => SlackUserId | undefined;

/**
 * The confirmed e-mail addresses of workspaces' own people, as the lists show them to apps that may see them. Only hashes
 * under a key of this process are kept, and nowhere but in memory.
 */
export interface PeopleAddresses {
  /** A page of a list that is being read. */
  note(team: TeamId, members: readonly Fields[]): void;
  /** The list was read to its end: from now on what it said counts. */
  whole(team: TeamId): void;
  /** Undefined until a list was read. */
  of(team: TeamId): FindByAddress | undefined;
}

type People = Map<string, SlackUserId | undefined>;

/** @param enabled Off: no address is looked at. */
export function createPeopleAddresses(enabled: boolean): PeopleAddresses {
  const key = randomBytes(32);
  const reading = new Map<TeamId, People>();
  const known = new Map<TeamId, People>();
  const hashOf = (address: string): string =>
    createHmac('sha256', key).update(address.trim().toLowerCase()).digest('base64url');

  return {
    note(team, members) {
      if (!enabled) return;
      const people: People = reading.get(team) ?? new Map<string, SlackUserId | undefined>();
      reading.set(team, people);
      for (const member of members) {
        const address = isOwn(team, member) ? textOf(fieldsOf(member['profile'])['email']) : undefined;
        const user = maybe(slackUserId, member['id']);
        if (address === undefined || user === undefined) continue;
        const hash = hashOf(address);
        people.set(hash, people.has(hash) ? undefined : user);
      }
    },
    whole(team) {
      const people = reading.get(team);
      if (people) known.set(team, people);
      reading.delete(team);
    },
    of(team) {
      const people = known.get(team);
      return people && ((address) => people.get(hashOf(address)));
    },
  };
}

/** People of the workspace itself, whose address Slack has confirmed. */
function isOwn(team: TeamId, member: Fields): boolean {
  return (
    member['team_id'] === team &&
    member['is_bot'] !== true &&
    member['deleted'] !== true &&
    member['is_stranger'] !== true &&
    member['is_email_confirmed'] === true
  );
}
