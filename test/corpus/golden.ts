import { stringify } from 'yaml';
import { bridged } from './bridged.ts';
import type { Entry } from './entry.ts';

/** What becomes of an entry, as it stands in its golden file. Many lines are written as such, so that people can read them. */
export async function goldenOf(entry: Entry): Promise<string> {
  const effects = await bridged(entry);
  const plain: unknown = JSON.parse(JSON.stringify(effects)); // what isn't said isn't sent
  return `# ${entry.what}. Made by \`npm run goldens\` of ${entry.name}.json.\n${stringify(plain, { lineWidth: 0 })}`;
}
