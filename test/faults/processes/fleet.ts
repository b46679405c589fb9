import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { startScene } from '../../support/bridge.ts';
import type { Scene, SceneOptions } from '../../support/bridge.ts';
import { bridgeRuns } from '../../support/bridge/bridge-runs.ts';
import type { BridgeRuns } from '../../support/bridge/bridge-runs.ts';
import { freePort } from '../../support/ports.ts';
import { startBalancer } from './balancer.ts';
import type { Target } from './balancer.ts';

/** Several processes of one bridge: one database, one key, one registration; each with ports of its own. */
export interface Fleet {
  readonly scene: Scene;
  /** None runs yet. */
  readonly processes: readonly BridgeRuns[];
  close(): Promise<void>;
}

const ports = z.looseObject({
  appservice: z.looseObject({ port: z.number() }),
  web: z.looseObject({ port: z.number() }),
});

/** A scene whose homeserver reaches the processes through a balancer. */
export async function openFleet(count: number, options: SceneOptions = {}): Promise<Fleet> {
  const scene = await startScene({ ...options, startBridge: false });
  const targets: Target[] = [];
  const processes: BridgeRuns[] = [];
  for (let number = 1; number <= count; number += 1) {
    const { configFile, webUrl, port } = await configure(scene, number);
    targets.push({ port, healthUrl: `${webUrl}/healthz` });
    const logFile = join(dirname(configFile), `bridge-${number}.log`);
    processes.push(bridgeRuns({ configFile, logFile, webUrl }));
  }
  const balancer = await startBalancer(scene.slot.port, targets);
  return {
    scene,
    processes,
    async close() {
      // Those that don't run say so.
      await Promise.allSettled(processes.map((each) => each.stop()));
      await balancer.stop();
      await scene.close();
    },
  };
}

/** The scene's configuration with other ports, in a file beside it. */
async function configure(
  { configFile }: Scene,
  number: number,
): Promise<{ readonly configFile: string; readonly webUrl: string; readonly port: number }> {
  const config = ports.parse(parse(await readFile(configFile, 'utf8')));
  const [port, web] = [await freePort(), await freePort()];
  const own = {
    ...config,
    appservice: { ...config.appservice, port },
    web: { ...config.web, port: web },
  };
  const file = join(dirname(configFile), `config-${number}.yaml`);
  await writeFile(file, stringify(own), { mode: 0o600 });
  return { configFile: file, webUrl: `http://127.0.0.1:${web}`, port };
}
