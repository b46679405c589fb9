import { startScene } from '../../support/bridge.ts';
import type { Scene, SceneOptions } from '../../support/bridge.ts';
import { homeserverVariable, startSharedSynapse } from '../../support/synapse.ts';
import type { Synapse } from '../../../sandbox/synapse/start.ts';
import { linkRooms } from '../support/people.ts';
import type { PeopledRoom } from '../support/people.ts';

/** A scene whose homeserver nobody else uses, so that it can be stopped and killed. */
export interface OwnHomeserver {
  readonly scene: Scene;
  readonly rooms: readonly PeopledRoom[];
  readonly synapse: Synapse;
  close(): Promise<void>;
}

/** @param rooms how many rooms are linked. */
export async function sceneOnOwnHomeserver(
  rooms: number,
  options: SceneOptions = {},
): Promise<OwnHomeserver> {
  const own = await startSharedSynapse(1, (line) => console.error(line));
  const shared = process.env[homeserverVariable];
  process.env[homeserverVariable] = own.file;
  try {
    const scene = await startScene(options);
    return {
      scene,
      rooms: await linkRooms(scene, rooms, 'room'),
      synapse: own.synapse,
      async close() {
        await scene.close();
        await own.stop();
      },
    };
  } catch (error) {
    await own.stop();
    throw error;
  } finally {
    if (shared === undefined) delete process.env[homeserverVariable];
    else process.env[homeserverVariable] = shared;
  }
}
