import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { commandsDocument } from './generate/commands-table.ts';
import { configurationDocument } from './generate/configuration-table.ts';
import { metricsDocument } from './generate/metrics-table.ts';
import { exampleRegistration } from './generate/registration.ts';
import { sampleConfig } from './generate/sample.ts';

/**
 * Makes the files that repeat what the code says, so that they can't say anything else. `--check` changes nothing and
 * ends with 1 when one isn't up to date.
 */
const generated: Readonly<Record<string, () => string | Promise<string>>> = {
  'config/config.sample.yaml': sampleConfig,
  'registration.example.yaml': exampleRegistration,
  'docs/commands.md': commandsDocument,
  'docs/configuration.md': configurationDocument,
  'docs/metrics.md': metricsDocument,
};

const check = process.argv.includes('--check');
for (const [name, make] of Object.entries(generated)) {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const text = await format(await make(), { ...(await resolveConfig(file)), filepath: file });
  const present = await readFile(file, 'utf8').catch(() => '');
  if (text === present) continue;
  if (check) {
    console.error(`${name} is not what the code says: run "npm run generate"`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`wrote ${name}`);
  }
}
