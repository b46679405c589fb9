import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  makeRegistrations,
  readPuppetsRegistration,
  readRegistration,
} from '../../src/matrix/registration.ts';
import { hasCode } from '../../src/store/embedded-postgres/build-folder.ts';

/**
 * A place for one bridge on the test homeserver: Synapse reads registrations at its start only, so there are several from the beginning,
 * with namespaces, tokens and ports of their own.
 */
export const slot = z.object({
  id: z.string(),
  /** The port of 127.0.0.1 that the homeserver sends transactions to. */
  port: z.number(),
  asToken: z.string(),
  hsToken: z.string(),
  /** The sender that the homeserver knows and nobody uses: it refuses /sync to it. */
  senderLocalpart: z.string(),
  botLocalpart: z.string(),
  /** The beginning of each ghost's local part. */
  ghostPrefix: z.string(),
  /** The bridge's registration file. */
  registration: z.string(),
  /** The registration without URL by which local people's accounts may be used (double puppets), and its token: one for all slots. */
  puppetRegistration: z.string(),
  puppetToken: z.string(),
});
export type Slot = z.infer<typeof slot>;

/** Writes the registrations of one slot for each port, as the bridge makes them. The first slot's double puppets serve all. */
export async function writeSlots(
  folder: string,
  serverName: string,
  ports: readonly number[],
): Promise<readonly Slot[]> {
  await mkdir(folder, { recursive: true });
  const slots: Slot[] = [];
  for (const [index, port] of ports.entries())
    slots.push(await writeSlot(folder, serverName, index + 1, port, slots[0]));
  return slots;
}

async function writeSlot(
  folder: string,
  serverName: string,
  number: number,
  port: number,
  first: Slot | undefined,
): Promise<Slot> {
  const id = `slack${number}`;
  const names = { domain: serverName, bot: `${id}bot`, ghostPrefix: `${id}_` };
  const made = makeRegistrations({ ...names, id, url: `http://127.0.0.1:${port}` });
  const registration = join(folder, `${id}.registration.json`);
  await writeFile(registration, JSON.stringify(made.bridge, null, 2));
  const puppetRegistration = first?.puppetRegistration ?? join(folder, 'puppets.registration.json');
  if (!first) await writeFile(puppetRegistration, JSON.stringify(made.puppets, null, 2));
  const { asToken, hsToken, senderLocalpart } = readRegistration(made.bridge, names, registration);
  const puppetToken = first?.puppetToken ?? readPuppetsRegistration(made.puppets, puppetRegistration).asToken;
  const { bot: botLocalpart, ghostPrefix } = names;
  return {
    id,
    port,
    asToken,
    hsToken,
    senderLocalpart,
    botLocalpart,
    ghostPrefix,
    registration,
    puppetRegistration,
    puppetToken,
  };
}

/**
 * Takes a slot that no test file has used, so that no bridge meets what another one left behind. `folder` remembers which are taken.
 *
 * @throws Error when all are taken.
 */
export async function takeSlot(slots: readonly Slot[], folder: string): Promise<Slot> {
  await mkdir(folder, { recursive: true });
  for (const slot of slots) {
    try {
      await writeFile(join(folder, slot.id), String(process.pid), { flag: 'wx' });
      return slot;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
  throw new Error(`All ${slots.length} places for bridges on the test homeserver are taken.`);
}
