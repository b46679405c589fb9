import { ensurePythonPackages } from '../../../sandbox/synapse/python-packages.ts';
import type { PythonPackages } from '../../../sandbox/synapse/python-packages.ts';
import { CannotStart } from '../../../src/errors.ts';

const version = '0.26.0';

const nio: PythonPackages = {
  name: 'matrix-nio',
  version,
  purpose: 'a client with which the tests read encrypted rooms',
  size: '70 MB',
  packages: [
    `matrix-nio==${version}`,
    // What its extra `e2e` names, at the versions that were tried together.
    'vodozemac==0.10.0',
    'atomicwrites==1.4.0',
    'cachetools==8.0.1',
    'peewee==3.19.0',
  ],
  otherWays: 'The tests without it can be named: npm test -- PATH…',
  unavailable: (message, cause) => new CannotStart(message, { cause }),
};

/**
 * The Python that has matrix-nio and what it encrypts with; installed first where it is missing.
 *
 * @throws CannotStart that names what is missing here.
 */
export function ensureNio(onProgress: (line: string) => void): Promise<string> {
  return ensurePythonPackages(nio, { onProgress });
}
