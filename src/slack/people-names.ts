import { nameKeys } from '../format/name-keys.ts';
import type { SlackProfile } from '../events.ts';
import type { TeamId } from '../ids.ts';

/** What is remembered of a person or an app: all that Slack may show as their name. */
export type NamedPerson = Pick<SlackProfile, 'team' | 'id' | 'name'> & {
  readonly otherNames?: readonly string[];
  readonly bot?: boolean;
};

/** The names of a workspace's people and apps: what nobody else may pass for. Asks nobody. */
export interface PeopleNames {
  /** They have these names from now on. */
  note(person: NamedPerson): void;
  /** The same, unless there are too many already: nobody met them yet. Whether there is room for more. */
  noteUnmet(person: NamedPerson): boolean;
  /** Whether a person there has this name, or one that looks like it. */
  ofPerson(team: TeamId, name: string): boolean;
  /**
   * Whether a person or an app there has it, or Slack itself; words in brackets after it make no difference: `Ann (admin)`
   * passes for Ann.
   */
  ofAnybody(team: TeamId, name: string): boolean;
}

/** Past it those that were met longest ago are forgotten. */
const mostPeople = 50_000;

/** What speaks in every workspace. */
const ofSlack: ReadonlySet<string> = new Set(['Slackbot', 'Slack'].flatMap(nameKeys));

/** @param met those that are known by now. */
export function createPeopleNames(met: readonly NamedPerson[] = [], most: number = mostPeople): PeopleNames {
  const known = new Map<string, readonly string[]>();
  const counts = new Map<string, number>();

  function count(key: string, change: 1 | -1): void {
    const sum = (counts.get(key) ?? 0) + change;
    if (sum === 0) counts.delete(key);
    else counts.set(key, sum);
  }

  function forget(person: string): void {
    for (const key of known.get(person) ?? []) count(key, -1);
    known.delete(person);
  }

  function note(person: NamedPerson): void {
    const { team, id, name, otherNames = [], bot = false } = person;
    const who = `${team} ${id}`;
    const keys = new Set([name, ...otherNames].flatMap(nameKeys).map((key) => keyOf(team, bot, key)));
    forget(who);
    if (keys.size === 0) return;
    known.set(who, [...keys]);
    for (const key of keys) count(key, 1);
    const oldest = known.size > most ? known.keys().next().value : undefined;
    if (oldest !== undefined) forget(oldest);
  }

  const has = (team: TeamId, bot: boolean, keys: readonly string[]): boolean =>
    keys.some((key) => counts.has(keyOf(team, bot, key)));

  for (const person of met) note(person);
  return {
    note,
    noteUnmet(person) {
      const isMet = known.has(`${person.team} ${person.id}`);
      if (isMet || known.size < most) note(person);
      return known.size < most;
    },
    ofPerson: (team, name) => has(team, false, nameKeys(name)),
    ofAnybody(team, name) {
      const keys = [...nameKeys(name), ...nameKeys(name.replace(brackets, ''))];
      return has(team, false, keys) || has(team, true, keys) || keys.some((key) => ofSlack.has(key));
    },
  };
}

const brackets = /[\p{Ps}<|:–—/].*$/su;

function keyOf(team: TeamId, bot: boolean, key: string): string {
  return `${team} ${bot ? 'app' : 'person'} ${key}`;
}
