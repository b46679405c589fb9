import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
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

/** Writes the registrations of one slot for each port. */
export async function writeSlots(
  folder: string,
  serverName: string,
  ports: readonly number[],
): Promise<readonly Slot[]> {
  await mkdir(folder, { recursive: true });
  const puppets = { puppetRegistration: join(folder, 'puppets.registration.json'), puppetToken: newToken() };
  await writeJson(puppets.puppetRegistration, puppetRegistrationOf(puppets.puppetToken, serverName));
  return Promise.all(
    ports.map(async (port, index) => {
      const made = { ...newSlot(folder, `slack${index + 1}`, port), ...puppets };
      await writeJson(made.registration, registrationOf(made, serverName));
      return made;
    }),
  );
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, JSON.stringify(value, null, 2));
}

function newSlot(folder: string, id: string, port: number) {
  return {
    id,
    port,
    asToken: newToken(),
    hsToken: newToken(),
    senderLocalpart: `${id}-sender`,
    botLocalpart: `${id}bot`,
    ghostPrefix: `${id}_`,
    registration: join(folder, `${id}.registration.json`),
  };
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** @see https://spec.matrix.org/latest/application-service-api/#registration */
function registrationOf(slot: Slot, serverName: string): Readonly<Record<string, unknown>> {
  const server = escapeForRegex(serverName);
  return {
    id: slot.id,
    url: `http://127.0.0.1:${slot.port}`,
    as_token: slot.asToken,
    hs_token: slot.hsToken,
    sender_localpart: slot.senderLocalpart,
    rate_limited: false,
    receive_ephemeral: true,
    'de.sorunome.msc2409.push_ephemeral': true,
    'io.element.msc4190': true,
    namespaces: {
      users: [
        { exclusive: true, regex: `^@${slot.ghostPrefix}.+:${server}$` },
        { exclusive: true, regex: `^@${slot.botLocalpart}:${server}$` },
      ],
      aliases: [{ exclusive: true, regex: `^#${slot.ghostPrefix}.+:${server}$` }],
      rooms: [],
    },
  };
}

function puppetRegistrationOf(asToken: string, serverName: string): Readonly<Record<string, unknown>> {
  return {
    id: 'puppets',
    url: null,
    as_token: asToken,
    hs_token: newToken(),
    sender_localpart: 'puppets-sender',
    rate_limited: false,
    'io.element.msc4190': true,
    namespaces: {
      users: [{ exclusive: false, regex: `^@.+:${escapeForRegex(serverName)}$` }],
      aliases: [],
      rooms: [],
    },
  };
}

function escapeForRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
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
