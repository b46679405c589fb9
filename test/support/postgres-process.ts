// A process of its own that runs the embedded PostgreSQL: `node postgres-process.ts DATA_DIR`. It writes one line of JSON when
// PostgreSQL is ready or could not start, and lives until it is killed.
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { silentLog } from './postgres-server.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('Usage: postgres-process.ts DATA_DIR');
try {
  const { url, postmasterPid } = await startEmbeddedPostgres({ dataDir, database: 'tests', log: silentLog });
  console.log(JSON.stringify({ url, postmasterPid }));
  setInterval(() => undefined, 60_000);
} catch (error) {
  console.log(JSON.stringify({ error: String(error) }));
}
