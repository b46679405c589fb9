// A process of its own that runs a Synapse: `node synapse-process.ts FOLDER PORT`. It writes one line, the homeserver's process id,
// and lives until it is killed.
import { startSynapse } from '../../sandbox/synapse/start.ts';

const [folder = '', port = ''] = process.argv.slice(2);
const synapse = await startSynapse({
  folder,
  serverName: 'localhost',
  port: Number(port),
  registrations: [],
  database: 'sqlite',
  onProgress: () => undefined,
});
console.log(synapse.pid());
setInterval(() => undefined, 60_000);
