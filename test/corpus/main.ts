// `npm run goldens`: writes down what becomes of each entry of the corpus now. Look at what changed before you commit it.
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { goldenFile, goldenNames, readEntries } from './entry.ts';
import type { Side } from './entry.ts';
import { goldenOf } from './golden.ts';

for (const side of ['slack', 'matrix'] as const) await writeGoldens(side);

async function writeGoldens(side: Side): Promise<void> {
  const entries = readEntries(side);
  for (const entry of entries) {
    const file = goldenFile(entry);
    const golden = await goldenOf(entry);
    if (golden === textOf(file)) continue;
    writeFileSync(file, golden);
    process.stdout.write(`${side}/${entry.name}\n`);
  }
  const known = new Set(entries.map(({ name }) => name));
  for (const name of goldenNames(side).filter((each) => !known.has(each)))
    unlinkSync(goldenFile({ side, name }));
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // it isn't there yet
  }
}
