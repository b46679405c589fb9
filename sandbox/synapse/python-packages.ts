import { access, constants, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takingTurns } from './install-lock.ts';
import { runWithProgress } from './run-with-progress.ts';

/** Packages of the Python package index that make a program. */
export interface PythonPackages {
  /** What people call it, as in `Synapse`. */
  readonly name: string;
  readonly version: string;
  /** What it is for, as in `the Matrix homeserver of the tests`. */
  readonly purpose: string;
  /** How much it takes on the disk, as in `250 MB`. */
  readonly size: string;
  /** As pip takes them, with their versions. */
  readonly packages: readonly string[];
  /** What else somebody can do where it can't be installed. */
  readonly otherWays: string;
  /** Makes the error of what is missing here. */
  unavailable(message: string, cause?: unknown): Error;
}

export interface InstallOptions {
  /** Where it is kept between runs; absent: below the project's `.cache`, by version. */
  readonly folder?: string;
  /** Each step, and each line of the installer. */
  readonly onProgress: (line: string) => void;
}

/**
 * Finds the packages, or installs them from PyPI into a virtual environment of their own (seconds with `uv`). Needs no
 * administrator. Only a finished installation counts, and two processes never install at once.
 *
 * @returns the Python that has them.
 * @throws the error that `wanted` makes: it names what is missing (python3, venv, the network) and the other ways.
 */
export async function ensurePythonPackages(wanted: PythonPackages, options: InstallOptions): Promise<string> {
  const folder = options.folder ?? defaultFolder(wanted);
  const python = join(folder, 'bin', 'python');
  if (await isComplete(wanted, folder)) return python;
  await checkWritable(wanted, folder);
  const onWait = (): void =>
    options.onProgress(`Another process is installing ${wanted.name}: waiting for it.`);
  await takingTurns(`${folder}.lock`, onWait, async () => {
    if (await isComplete(wanted, folder)) return;
    await install(wanted, folder, options.onProgress);
  });
  return python;
}

function defaultFolder({ name, version }: PythonPackages): string {
  return fileURLToPath(new URL(`../../.cache/${name.toLowerCase()}-venv-${version}`, import.meta.url));
}

async function checkWritable(wanted: PythonPackages, folder: string): Promise<void> {
  const parent = dirname(folder);
  try {
    await mkdir(parent, { recursive: true });
    await access(parent, constants.W_OK);
  } catch (error) {
    throw wanted.unavailable(
      `${wanted.name} would be kept in ${parent}, which this account can't write to.\n${wanted.otherWays}`,
      error,
    );
  }
}

/** Written last, so that an interrupted installation never counts. */
const marker = 'complete';

async function isComplete({ packages }: PythonPackages, folder: string): Promise<boolean> {
  const installed = await readFile(join(folder, marker), 'utf8').catch(() => '');
  if (installed !== packages.join(' ')) return false;
  // A virtual environment stops working when the Python it was made from goes.
  const { status } = await runWithProgress(join(folder, 'bin', 'python'), ['--version']);
  return status === 0;
}

async function install(
  wanted: PythonPackages,
  folder: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const { name, version, packages, size } = wanted;
  const started = Date.now();
  onProgress(`Installing ${name} ${version} into ${folder} (once, ${size}).`);
  await rm(folder, { recursive: true, force: true });
  const uv = (await runWithProgress('uv', ['--version'])).status === 0;
  const python = join(folder, 'bin', 'python');
  const step = stepOf(wanted, onProgress);
  const noNetwork = `${name} could not be installed from the Python package index. Is it reachable from here?`;
  if (uv) {
    await step('uv', ['venv', '--python', '>=3.10', folder], noPython(wanted));
    await step('uv', ['pip', 'install', '--python', python, ...packages], noNetwork);
  } else {
    await step(await systemPython(wanted), ['-m', 'venv', folder], noVenv);
    await step(python, [...pipInstall, ...packages], noNetwork);
  }
  await writeFile(join(folder, marker), packages.join(' '));
  onProgress(`${name} is installed (${Math.round((Date.now() - started) / 1000)} s).`);
}

const pipInstall = [
  '-m',
  'pip',
  'install',
  '--no-input',
  '--disable-pip-version-check',
  '--progress-bar',
  'off',
  '--prefer-binary',
];

function stepOf(wanted: PythonPackages, onProgress: (line: string) => void) {
  return async (command: string, args: readonly string[], advice: string): Promise<void> => {
    const { status, lines } = await runWithProgress(command, args, onProgress);
    if (status === 0) return;
    const last = lines.slice(-8).join('\n');
    throw wanted.unavailable(`${advice}\n${wanted.otherWays}\nThe last lines of "${command}":\n${last}`);
  };
}

/** The first Python on the path that is new enough. */
async function systemPython(wanted: PythonPackages): Promise<string> {
  const found: string[] = [];
  for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const { status, lines } = await runWithProgress(name, ['-c', 'import sys; print(*sys.version_info[:2])']);
    const [major = 0, minor = 0] = (lines[0] ?? '').split(' ').map(Number);
    if (status === 0 && major === 3 && minor >= 10) return name;
    if (status === 0) found.push(`${name} is ${major}.${minor}`);
  }
  throw wanted.unavailable([noPython(wanted), ...found, wanted.otherWays].join('\n'));
}

function noPython({ name, purpose }: PythonPackages): string {
  return `${name}, ${purpose}, needs Python 3.10 or newer. Install it ("apt-get install python3 python3-venv" on Debian and Ubuntu).`;
}

const noVenv =
  'Python can\'t make a virtual environment. Install its module venv ("apt-get install python3-venv" on Debian and Ubuntu).';
