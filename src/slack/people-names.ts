import { nameKey } from '../format/names.ts';
import type { SlackProfile } from '../events.ts';
import type { TeamId } from '../ids.ts';

/** What is remembered of a person. */
export type NamedPerson = Pick<SlackProfile, 'team' | 'id' | 'name'>;

/** The names of the people that the bridge met, by workspace: what an app may not pass itself off as. */
export interface PeopleNames {
  /** The person has this name from now on. */
  note(person: NamedPerson): void;
  /** Whether somebody there has this name, or one that looks like it. */
  has(team: TeamId, name: string): boolean;
}

/** Past it those that were met longest ago are forgotten. */
const mostPeople = 50_000;

/** @param met those that are known by now. */
export function createPeopleNames(met: readonly NamedPerson[] = [], most: number = mostPeople): PeopleNames {
  const keys = new Map<string, string>();
  const people = new Map<string, number>();

  function forget(person: string): void {
    const key = keys.get(person);
    if (key === undefined) return;
    keys.delete(person);
    const others = (people.get(key) ?? 1) - 1;
    if (others === 0) people.delete(key);
    else people.set(key, others);
  }

  function note({ team, id, name }: NamedPerson): void {
    const person = `${team} ${id}`;
    const key = keyOf(team, name);
    forget(person);
    if (key === undefined) return;
    keys.set(person, key);
    people.set(key, (people.get(key) ?? 0) + 1);
    const oldest = keys.size > most ? keys.keys().next().value : undefined;
    if (oldest !== undefined) forget(oldest);
  }

  for (const person of met) note(person);
  return {
    note,
    has(team, name) {
      const key = keyOf(team, name);
      return key !== undefined && people.has(key);
    },
  };
}

/** Undefined for a name without letters and digits: all of these would look alike. */
function keyOf(team: TeamId, name: string): string | undefined {
  const key = nameKey(name);
  return key === '' ? undefined : `${team} ${key}`;
}
