import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Figure } from '../support/figure.ts';

const goal = z.union([z.object({ atMost: z.number() }), z.object({ atLeast: z.number() })]);
const result = z.object({
  id: z.string(),
  size: z.enum(['short', 'long']),
  step: z.number().default(0),
  seed: z.number(),
  seconds: z.number(),
  figures: z.array(
    z.object({
      name: z.string(),
      value: z.number().nullable(),
      unit: z.string(),
      goal: goal.nullable(),
      ok: z.boolean(),
    }),
  ),
});

/** What one scenario, or one of its steps (from 0), came to. */
export interface Result {
  readonly id: string;
  readonly size: 'short' | 'long';
  readonly step: number;
  readonly seed: number;
  readonly seconds: number;
  readonly figures: readonly Figure[];
}

/** The results of earlier runs; none when the file isn't there yet. */
export async function readResults(file: string): Promise<readonly Result[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const parsed = z.array(result).safeParse(json(text));
  if (!parsed.success)
    throw new Error(`${file} does not hold results of npm run faults. Name another file, or remove it.`);
  return parsed.data as unknown as readonly Result[]; // units are only shown; NaN is stored as null
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes all at once: a run that is cut off leaves the file whole. */
export async function writeResults(file: string, results: readonly Result[]): Promise<void> {
  const fresh = `${file}.new`;
  await writeFile(fresh, `${JSON.stringify(results, null, 2)}\n`);
  await rename(fresh, file);
}
