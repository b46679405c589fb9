import { Session } from 'node:inspector/promises';

/** What V8 tells of one script: how often each stretch of its code ran. */
interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
}

/** Whose steps count: the formats', and those of the reader of HTML. */
const counted = /\/(?:src\/format|node_modules\/(?:parse5|entities))\//;

/**
 * Counts the steps that work takes: how often V8 runs each stretch of the parsers' code. The same on each machine, however
 * busy it is. What V8 does inside one step, a search for a letter or a regular expression, counts as one: `npm run test:long`
 * measures those by time.
 */
export async function startCounting() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const taken = async (): Promise<number> => {
    const { result } = await session.post('Profiler.takePreciseCoverage'); // the counts begin anew
    return result.filter(({ url }) => counted.test(url)).reduce((sum, each) => sum + runsOf(each), 0);
  };
  return {
    stepsOf: async (work: () => void): Promise<number> => {
      await taken();
      work();
      return taken();
    },
    stop: () => session.disconnect(),
  };
}

function runsOf({ functions }: ScriptCoverage): number {
  return functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
}
