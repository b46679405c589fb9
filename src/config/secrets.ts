import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathText } from './source.ts';
import type { Path, Problem } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where secrets may come from besides the file itself, and where problems with them are collected. */
export interface SecretSources {
  readonly env: Environment;
  /** The folder that file names are relative to. */
  readonly folder: string;
  readonly problems: Problem[];
}

/** The environment variable for the secret at a path: `slack.teams[0].bot_token` → `…_SLACK_TEAMS_0_BOT_TOKEN`. */
export function variableFor(path: Path): string {
  return ['matrix_slack_bridge', ...path].join('_').toUpperCase();
}

/**
 * The secret at `path`: from its environment variable (an empty one doesn't count), else from the file itself, else
 * from the file that `<name>_file` names. Two of the latter at once are a problem, not a choice.
 */
export function resolveSecret(
  sources: SecretSources,
  path: Path,
  inline: string | undefined,
  file: string | undefined,
  variable = variableFor(path),
): string | undefined {
  const fromEnvironment = sources.env[variable]?.trim();
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (file === undefined) return inline?.trim();
  const filePath = fileKey(path);
  if (inline !== undefined) {
    const message = `leave out either this or ${pathText(path)}`;
    sources.problems.push({ path: filePath, message });
    return undefined;
  }
  return readSecretFile(sources, filePath, resolve(sources.folder, file));
}

function fileKey(path: Path): Path {
  return [...path.slice(0, -1), `${path.at(-1) ?? ''}_file`];
}

function readSecretFile(sources: SecretSources, path: Path, file: string): string | undefined {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret !== '') return secret;
    sources.problems.push({ path, message: `the file ${file} is empty` });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    sources.problems.push({ path, message: `the file can't be read: ${reason}` });
  }
  return undefined;
}

/** How many workspaces the environment alone names, counted from 0 without gaps. */
export function teamsInEnvironment(env: Environment): number {
  let count = 0;
  while (env[variableFor(['slack', 'teams', count, 'bot_token'])]) count += 1;
  return count;
}
