import { access, constants, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takingTurns } from './install-lock.ts';
import { runWithProgress } from './run-with-progress.ts';
import { SynapseUnavailable } from './unavailable.ts';

/** The Synapse that tests and the sandbox run. */
export const synapseVersion = '1.163.2';

/** Names a Python that has Synapse already, as Debian's matrix-synapse-py3 has in /opt/venvs/matrix-synapse/bin/python. */
export const pythonVariable = 'MATRIX_SLACK_BRIDGE_SYNAPSE_PYTHON';

const packages = [`matrix-synapse==${synapseVersion}`, 'psycopg2-binary'];

export interface SynapseInstall {
  /** The Python that has Synapse installed. */
  readonly python: string;
}

export interface InstallOptions {
  /** Where Synapse is kept between runs; absent: below the project's `.cache`, by version. */
  readonly folder?: string;
  /** Each step, and each line of the installer. */
  readonly onProgress: (line: string) => void;
}

/**
 * Finds Synapse, or installs it from PyPI into a virtual environment of its own (250 MB, about a minute, seconds with `uv`).
 * Needs no administrator. Only a finished installation counts, and two processes never install at once.
 *
 * @throws SynapseUnavailable that names what is missing (python3, venv, the network) and the other ways to have a homeserver.
 */
export async function ensureSynapse(options: InstallOptions): Promise<SynapseInstall> {
  const named = process.env[pythonVariable];
  if (named) return namedPython(named);

  const folder = options.folder ?? defaultFolder();
  const python = join(folder, 'bin', 'python');
  if (await isComplete(folder)) return { python };
  await checkWritable(dirname(folder));
  const onWait = (): void => options.onProgress('Another process is installing Synapse: waiting for it.');
  await takingTurns(`${folder}.lock`, onWait, async () => {
    if (await isComplete(folder)) return;
    await install(folder, options.onProgress);
  });
  return { python };
}

async function checkWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new SynapseUnavailable(
      `Synapse would be kept in ${folder}, which this account can't write to.\n${otherWays}`,
      { cause: error },
    );
  }
}

function defaultFolder(): string {
  return fileURLToPath(new URL(`../../.cache/synapse-venv-${synapseVersion}`, import.meta.url));
}

async function namedPython(python: string): Promise<SynapseInstall> {
  const { status, lines } = await runWithProgress(python, ['-c', 'import synapse, psycopg2']);
  if (status === 0) return { python };
  throw new SynapseUnavailable(
    `${pythonVariable} names ${python}, which has no Synapse: ${lines.at(-1) ?? 'it does not run'}`,
  );
}

/** Written last, so that an interrupted installation never counts. */
const marker = 'complete';

async function isComplete(folder: string): Promise<boolean> {
  const installed = await readFile(join(folder, marker), 'utf8').catch(() => '');
  if (installed !== packages.join(' ')) return false;
  // A virtual environment stops working when the Python it was made from goes.
  const { status } = await runWithProgress(join(folder, 'bin', 'python'), ['--version']);
  return status === 0;
}

async function install(folder: string, onProgress: (line: string) => void): Promise<void> {
  const started = Date.now();
  onProgress(`Installing Synapse ${synapseVersion} into ${folder} (once, 250 MB).`);
  await rm(folder, { recursive: true, force: true });
  const uv = (await runWithProgress('uv', ['--version'])).status === 0;
  const python = join(folder, 'bin', 'python');
  if (uv) {
    await step('uv', ['venv', '--python', '>=3.10', folder], onProgress, noPython());
    await step('uv', ['pip', 'install', '--python', python, ...packages], onProgress, noNetwork());
  } else {
    await step(await systemPython(), ['-m', 'venv', folder], onProgress, noVenv());
    const pip = [
      '-m',
      'pip',
      'install',
      '--no-input',
      '--disable-pip-version-check',
      '--progress-bar',
      'off',
    ];
    await step(python, [...pip, '--prefer-binary', ...packages], onProgress, noNetwork());
  }
  await writeFile(join(folder, marker), packages.join(' '));
  onProgress(`Synapse is installed (${Math.round((Date.now() - started) / 1000)} s).`);
}

async function step(
  command: string,
  args: readonly string[],
  onProgress: (line: string) => void,
  advice: string,
): Promise<void> {
  const { status, lines } = await runWithProgress(command, args, onProgress);
  if (status === 0) return;
  throw new SynapseUnavailable(
    `${advice}\n${otherWays}\nThe last lines of "${command}":\n${lines.slice(-8).join('\n')}`,
  );
}

/** The first Python on the path that is new enough. */
async function systemPython(): Promise<string> {
  const found: string[] = [];
  for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const { status, lines } = await runWithProgress(name, ['-c', 'import sys; print(*sys.version_info[:2])']);
    const [major = 0, minor = 0] = (lines[0] ?? '').split(' ').map(Number);
    if (status === 0 && major === 3 && minor >= 10) return name;
    if (status === 0) found.push(`${name} is ${major}.${minor}`);
  }
  throw new SynapseUnavailable([noPython(), ...found, otherWays].join('\n'));
}

function noPython(): string {
  return 'Synapse, the Matrix homeserver of the tests and the sandbox, needs Python 3.10 or newer. Install it ("apt-get install python3 python3-venv" on Debian and Ubuntu).';
}

function noVenv(): string {
  return 'Python can\'t make a virtual environment. Install its module venv ("apt-get install python3-venv" on Debian and Ubuntu).';
}

function noNetwork(): string {
  return 'Synapse could not be installed from the Python package index. Is it reachable from here?';
}

const otherWays =
  `Or name a Python that has Synapse in ${pythonVariable}, ` +
  'or a homeserver of your own in MATRIX_SLACK_BRIDGE_TEST_HOMESERVER (CONTRIBUTING.md).';
