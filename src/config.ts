import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkConfig } from './config/checks.ts';
import { resolveConfig } from './config/resolve.ts';
import type { Config } from './config/resolve.ts';
import type { Environment } from './config/secrets.ts';
import { readShape } from './config/shape.ts';
import { pathText, readYaml } from './config/source.ts';
import type { Problem, Source } from './config/source.ts';
import { CannotStart } from './errors.ts';

export { CannotStart } from './errors.ts';
export { permissionOf, slackDefaults, slackPermissionOf } from './config/permissions.ts';
export type { Config } from './config/resolve.ts';
export type { Environment } from './config/secrets.ts';

/**
 * Reads and checks the configuration.
 *
 * @throws CannotStart that names all problems at once, each with file, line, key and what to do.
 */
export function loadConfig(file: string, env: Environment): Config {
  const source = readYaml(readText(file));
  if (source.problems.length > 0) throw asError(file, source, source.problems);
  const shape = readShape(source.value);
  if ('problems' in shape) throw asError(file, source, shape.problems);

  const problems: Problem[] = [];
  const draft = resolveConfig(shape.file, { env, folder: dirname(resolve(file)), problems });
  // a secret whose file can't be read is told once, not as missing as well
  const told = new Set(problems.map(({ path }) => `${path.at(-1)}`.replace(/_file$/, '')));
  problems.push(...checkConfig(draft).filter(({ path }) => !told.has(`${path.at(-1)}`)));
  if (problems.length > 0) throw asError(file, source, problems);
  return { file: resolve(file), ...draft };
}

/** All secrets of a configuration, for the logger to hide. */
export function secretsOf(config: Config): readonly string[] {
  const ofTeams = config.slack.teams.flatMap((team) => [
    team.bot_token,
    team.app_token,
    team.signing_secret,
    team.client_secret,
  ]);
  const { database, secrets, homeserver } = config;
  const { app } = config.slack;
  const ofApp = [app?.client_secret, app?.app_token, app?.signing_secret];
  return [database?.url, secrets.key, homeserver.admin_token, ...ofApp, ...ofTeams].filter(
    (secret) => secret !== undefined,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as { code?: string }; // Node's own errors have one
    if (code === 'ENOENT')
      throw new CannotStart(
        `${file} doesn't exist: copy config/config.sample.yaml there and fill it in, or name another file with -c`,
        { cause: error },
      );
    const reason = code === 'EISDIR' ? 'it is a folder' : (code ?? String(error));
    throw new CannotStart(`${file} can't be read: ${reason}`, { cause: error });
  }
}

function asError(file: string, source: Source, problems: readonly Problem[]): CannotStart {
  const lines = problems
    .map((problem) => ({ ...problem, line: problem.line ?? source.lineOf(problem.path) }))
    .sort((left, right) => left.line - right.line)
    .map(
      ({ path, line, message }) =>
        `${file}:${line}: ${path.length > 0 ? `${pathText(path)}: ` : ''}${message}`,
    );
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return new CannotStart(only);
  return new CannotStart(
    `${file} has ${lines.length} problems:\n${lines.map((line) => `  ${line}`).join('\n')}`,
  );
}
