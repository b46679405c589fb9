import { randomBytes } from 'node:crypto';
import { CannotStart } from '../../errors.ts';
import type { Reader } from '../reader.ts';
import { BrokenSeal } from '../sealing.ts';
import type { Secrets } from '../secrets.ts';

const id = 'crypto:store';

/**
 * The key of all crypto stores, 32 bytes: random, made with the first store, sealed as other secrets.
 *
 * @throws CannotStart when it can't be opened, or is gone while there are stores: a new one couldn't open them, and new
 *   stores in their place would be new devices that nobody trusts.
 */
export async function loadStoreKey(reader: Reader, secrets: Secrets): Promise<Buffer> {
  try {
    const found = await secrets.get(id);
    if (found !== undefined) return Buffer.from(found, 'base64');
    return await reader.transaction(async (client) => {
      await client.query('lock table crypto_database in share row exclusive mode'); // two may begin at once
      const now = await secrets.within(client).get(id);
      if (now !== undefined) return Buffer.from(now, 'base64');
      const { rows } = await client.query('select from crypto_database limit 1');
      if (rows.length > 0) throw lost('is missing');
      const made = randomBytes(32);
      await secrets.within(client).put(id, made.toString('base64'));
      return made;
    });
  } catch (error) {
    if (error instanceof BrokenSeal) throw lost('can’t be opened', error);
    throw error;
  }
}

function lost(how: string, cause?: unknown): CannotStart {
  return new CannotStart(
    `The key of the bridge’s encryption (in the table secret, as ${id}) ${how}. Restore the table from a backup and start again.`,
    { cause },
  );
}
