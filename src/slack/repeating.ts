import type { TeamId } from '../ids.ts';

/** Work that is done again and again, and sooner when somebody asks for it; never twice at a time. */
export interface Repeating {
  now(): void;
  /** When it was done last, in milliseconds of its clock; undefined before the first time. */
  doneAt(): number | undefined;
  /** Resolves when it was done for the first time, well or not, or never will be. */
  readonly first: Promise<void>;
  stop(): void;
}

/** @param work resolves with the milliseconds until the next time. */
export function createRepeating(
  work: () => Promise<number>,
  now: () => number = () => performance.now(),
): Repeating {
  const first = Promise.withResolvers<void>();
  let state: 'waiting' | 'at work' | 'asked again' | 'stopped' = 'waiting';
  let done: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    clearTimeout(timer);
    state = 'at work';
    const wait = await work();
    const next = settled();
    if (next === 'stopped') return;
    if (next === 'asked again') return run();
    done = now();
    first.resolve();
    timer = setTimeout(() => void run(), wait);
    timer.unref();
  }

  function settled(): typeof state {
    const before = state;
    if (before !== 'stopped') state = 'waiting';
    return before;
  }

  return {
    now: () => {
      if (state === 'at work') state = 'asked again';
      else if (state === 'waiting') void run();
    },
    doneAt: () => done,
    first: first.promise,
    stop: () => {
      state = 'stopped';
      clearTimeout(timer);
      first.resolve();
    },
  };
}

/** Such work for each workspace. */
export interface TeamWork {
  of(team: TeamId): Repeating | undefined;
  begin(): void;
  /** A workspace has come, or come back. */
  join(team: TeamId): void;
  stop(): void;
}

export function createTeamWork(teams: readonly TeamId[], workOf: (team: TeamId) => Repeating): TeamWork {
  const works = new Map(teams.map((team) => [team, workOf(team)]));
  return {
    of: (team) => works.get(team),
    begin: () => works.forEach((work) => work.now()),
    join: (team) => {
      const work = works.get(team) ?? workOf(team);
      works.set(team, work);
      work.now();
    },
    stop: () => works.forEach((work) => work.stop()),
  };
}
