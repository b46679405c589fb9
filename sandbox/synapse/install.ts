import { ensurePythonPackages } from './python-packages.ts';
import type { InstallOptions, PythonPackages } from './python-packages.ts';
import { runWithProgress } from './run-with-progress.ts';
import { SynapseUnavailable } from './unavailable.ts';

/** The Synapse that tests and the sandbox run. */
export const synapseVersion = '1.163.2';

/** Names a Python that has Synapse already, as Debian's matrix-synapse-py3 has in /opt/venvs/matrix-synapse/bin/python. */
export const pythonVariable = 'MATRIX_SLACK_BRIDGE_SYNAPSE_PYTHON';

const synapse: PythonPackages = {
  name: 'Synapse',
  version: synapseVersion,
  purpose: 'the Matrix homeserver of the tests and the sandbox',
  size: '250 MB',
  packages: [`matrix-synapse==${synapseVersion}`, 'psycopg2-binary'],
  otherWays:
    `Or name a Python that has Synapse in ${pythonVariable}, ` +
    'or a homeserver of your own in MATRIX_SLACK_BRIDGE_TEST_HOMESERVER (CONTRIBUTING.md).',
  unavailable: (message, cause) => new SynapseUnavailable(message, { cause }),
};

export interface SynapseInstall {
  /** The Python that has Synapse installed. */
  readonly python: string;
}

/**
 * Finds Synapse, or installs it from PyPI into a virtual environment of its own (250 MB, about a minute, seconds with `uv`).
 * Needs no administrator. Only a finished installation counts, and two processes never install at once.
 *
 * @throws SynapseUnavailable that names what is missing (python3, venv, the network) and the other ways to have a homeserver.
 */
export async function ensureSynapse(options: InstallOptions): Promise<SynapseInstall> {
  const named = process.env[pythonVariable];
  return named ? namedPython(named) : { python: await ensurePythonPackages(synapse, options) };
}

async function namedPython(python: string): Promise<SynapseInstall> {
  const { status, lines } = await runWithProgress(python, ['-c', 'import synapse, psycopg2']);
  if (status === 0) return { python };
  throw new SynapseUnavailable(
    `${pythonVariable} names ${python}, which has no Synapse: ${lines.at(-1) ?? 'it does not run'}`,
  );
}
