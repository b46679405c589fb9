import { stringify } from 'yaml';
import { options } from '../../src/config/options.ts';
import type { Option } from '../../src/config/options.ts';

/** The text of config.sample.yaml: every key with its words and its default, what may be left out commented out. */
export function sampleConfig(): string {
  const lines = [...section(options(), 0)];
  return `${header}\n${lines.join('\n')}\n`;
}

const header = `# The configuration of matrix-slack-bridge. Copy this file to config/config.yaml and change what it says.
#
# Needed are homeserver, slack.app_token and one entry of slack.teams; the values of all else that isn't commented out
# are the defaults, besides the examples of permissions. File names are relative to this file's folder.
#
# Secrets needn't stand here: write e.g. app_token_file: ./app-token instead of app_token, or set the environment
# variable that docs/configuration.md names. "npm start -- check-config" says what the bridge understands.
#
# This file is made from the code by "npm run generate".`;

function* section(option: Option, depth: number): Generator<string> {
  for (const [name, child] of option.children) {
    if (isFileOf(name, option)) continue;
    if (depth === 0) yield '';
    yield* comment(child, depth);
    yield* entry(name, child, depth);
  }
}

/** `app_token_file` beside `app_token`: named once, in the header. */
function isFileOf(name: string, parent: Option): boolean {
  return name.endsWith('_file') && parent.children.get(name.slice(0, -'_file'.length))?.secret === true;
}

function* entry(name: string, option: Option, depth: number): Generator<string> {
  const indent = '  '.repeat(depth);
  if (option.children.size > 0) {
    yield `${indent}${name}:`;
    const lines = [...section(option, depth + 1)];
    yield* option.type === 'list' ? asListEntry(lines, depth + 1) : lines;
    return;
  }
  const value = option.default ?? option.example;
  const text = stringify({ [name]: value }, { lineWidth: 0, flowCollectionPadding: true }).trimEnd();
  for (const line of text.split('\n')) yield `${indent}${option.optional ? '# ' : ''}${line}`;
}

/** Puts the dash before the first line that isn't a comment, and the rest below it. */
function asListEntry(lines: readonly string[], depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  const first = lines.findIndex((line) => !line.trimStart().startsWith('#'));
  return lines.map((line, index) => `${indent}${index === first ? '- ' : '  '}${line.trimStart()}`);
}

function* comment(option: Option, depth: number): Generator<string> {
  if (option.description === undefined) return;
  const example =
    option.default !== undefined && option.example !== undefined
      ? ` For example: ${JSON.stringify(option.example)}`
      : '';
  yield* wrap(option.description + example, `${'  '.repeat(depth)}# `, 110);
}

function* wrap(text: string, prefix: string, width: number): Generator<string> {
  let line = prefix;
  for (const word of text.split(' ')) {
    if (line.length + word.length > width && line !== prefix) {
      yield line.trimEnd();
      line = prefix;
    }
    line += `${word} `;
  }
  yield line.trimEnd();
}
