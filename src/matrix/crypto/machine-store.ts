import { StoreHandle } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Logger } from '../../log.ts';
import { cryptoModuleLogger } from '../../log/vendors.ts';
import { createCryptoDatabases } from './indexed-db.ts';
import type { MachineStore } from './machine.ts';
import type { CryptoRows } from './ports.ts';

interface StoresOptions {
  readonly rows: CryptoRows;
  /** 32 bytes. */
  readonly storeKey: () => Promise<Buffer>;
  /** What is kept may not be what was used: the process has to end. */
  readonly onBroken: (error: unknown) => void;
  readonly log: Logger;
}

/** Machines' stores in `rows`, by name. */
export function createMachineStores(options: StoresOptions): (name: string) => MachineStore {
  const databases = createCryptoDatabases(options.rows, options.onBroken);
  return (name) => ({
    async open() {
      const key = await options.storeKey();
      await databases.attach(name);
      try {
        return await StoreHandle.openWithKey(name, key, cryptoModuleLogger(options.log));
      } catch (error) {
        databases.detach(name);
        throw error;
      }
    },
    close: () => databases.detach(name),
  });
}
