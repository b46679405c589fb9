import { databaseVariable, startPostgresServer } from '../support/postgres-server.ts';
import { homeserverVariable, startSharedSynapse } from '../support/synapse.ts';
import { removeAbandonedFolders } from '../support/temporary-folder.ts';

/** Bridges that all scenarios of one run may start on the shared homeserver, restarts of the same one not counted. */
const slots = 100;

/** The PostgreSQL and the Synapse that scenarios share which don't damage them. Their addresses go to child processes. */
export async function startServers(): Promise<{ readonly stop: () => Promise<void> }> {
  await removeAbandonedFolders();
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each();
  };
  try {
    if (!process.env[databaseVariable]) {
      const postgres = await startPostgresServer();
      process.env[databaseVariable] = postgres.url;
      stops.push(() => postgres.stop());
    }
    if (!process.env[homeserverVariable]) {
      const synapse = await startSharedSynapse(slots, (line) => console.error(line));
      process.env[homeserverVariable] = synapse.file;
      stops.push(() => synapse.stop());
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
