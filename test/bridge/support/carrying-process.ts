/**
 * A process that brings one file to the homeserver, to be killed: `node carrying-process.ts <what to do as JSON>`. It writes
 * the file's address there.
 */
import { tmpdir } from 'node:os';
import { z } from 'zod';
import { createFileKeys } from '../../../src/bridge/file-keys.ts';
import { createTransfers } from '../../../src/bridge/transfers.ts';
import { fileId, portalId } from '../../../src/ids.ts';
import { createDownloads } from '../../../src/slack/downloads.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { adapterOn, team } from '../../matrix/support.ts';
import { log, noMetrics } from '../../store/test-store.ts';
import { slot } from '../../support/slots.ts';

const task = z.object({
  database: z.string(),
  keyFile: z.string(),
  homeserver: z.object({ url: z.string(), serverName: z.string() }),
  slot,
  file: z.string(),
  url: z.string(),
  size: z.number(),
});
const { database, keyFile, homeserver, file, url, size, ...rest } = task.parse(
  JSON.parse(process.argv[2] ?? ''),
);

const connection = { url: database };
const store = await openStore({ connection, key: { file: keyFile }, log, metrics: noMetrics });
const adapter = await adapterOn({ homeserver, slot: rest.slot });
const transfers = createTransfers({
  store: store.media,
  slack: {
    openFile: createDownloads({ tokenOf: () => 'xoxb-1', hosts: ['127.0.0.1'], apiUrl: url }),
    stage: () => Promise.reject(new Error('nothing goes to Slack here')),
  },
  keys: createFileKeys(() => Promise.resolve(Buffer.alloc(32, 7))),
  matrix: adapter.files,
  folder: tmpdir(),
  limits: { largest: Infinity, portalPerDay: Infinity, personPerDay: Infinity },
  largestOf: () => 0,
  clock: {
    now: () => Date.now(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds / 20)),
  },
  log,
  metrics: { transfer: () => undefined },
});
const where = { team, portal: portalId(1), by: 'UBOB' };
const brought = await transfers.toMatrix(
  where,
  { id: fileId(file), name: 'f', url, size, nature: 'file' } as const,
  'file',
).result;
process.stdout.write(brought.url, () => process.exit(0));
