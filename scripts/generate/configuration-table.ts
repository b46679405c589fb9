import { options } from '../../src/config/options.ts';
import type { Option } from '../../src/config/options.ts';
import { variableFor } from '../../src/config/secrets.ts';
import { code, table } from './markdown.ts';

/** docs/configuration.md: every key of config.yaml. */
export function configurationDocument(): string {
  const sections = [...options().children].map(([name, option]) => sectionText(name, option));
  return `${intro}\n\n${sections.join('\n\n')}\n\n${environment()}\n`;
}

const intro = `# Configuration

The bridge reads one YAML file, \`config/config.yaml\` unless \`-c FILE\` names another; \`config/config.sample.yaml\` is
a commented one to copy. File names in it are relative to its own folder. \`npm start -- check-config\` says what the bridge
understands; mistakes are told with line and key, all at once.

This page is made from the code by \`npm run generate\`.`;

function sectionText(name: string, option: Option): string {
  const heading = `## ${name}\n\n${option.description ?? ''}`;
  if (option.children.size === 0)
    return option.default === undefined ? heading : `${heading}\n\nDefault: ${shownDefault(option)}`;
  return `${heading}\n\n${table(['Key', 'Type', 'Default', 'What it means'], [...rowsOf(option, `${name}.`)])}`;
}

function* rowsOf(option: Option, prefix: string): Generator<readonly string[]> {
  for (const [name, child] of option.children) {
    const isList = child.type === 'list';
    if (child.children.size === 0 || isList) yield row(prefix + name, child);
    if (child.children.size > 0) yield* rowsOf(child, `${prefix}${name}${isList ? '[]' : ''}.`);
  }
}

function row(key: string, option: Option): readonly string[] {
  const { required, type, description = '' } = option;
  return [code(key), type, required ? 'needed' : shownDefault(option), description];
}

function shownDefault(option: Option): string {
  return option.default === undefined ? '' : code(JSON.stringify(option.default).replace(/^"(.*)"$/, '$1'));
}

function environment(): string {
  const rows = [
    [code('DATABASE_URL'), code('database.url')],
    ...[
      ['slack', 'app_token'],
      ['slack', 'signing_secret'],
      ['slack', 'teams', 0, 'bot_token'],
      ['slack', 'teams', 0, 'app_token'],
      ['slack', 'teams', 0, 'signing_secret'],
    ].map((path) => [code(variableFor(path)), code(path.join('.').replace('.0.', '[0].'))]),
    [code(variableFor(['secrets', 'key'])), 'the content of `secrets.key_file`: 64 hexadecimal characters'],
  ];
  return `## Environment variables

Secrets may come from the environment, which counts before the file. Workspaces are numbered from 0; further ones may stand in
the environment only.

${table(['Variable', 'Instead of'], rows)}`;
}
