import { UserId } from '@matrix-org/matrix-sdk-crypto-wasm';

/**
 * Ids as the crypto module takes them: it takes them over, so new ones for each call. What isn't an id by its rules, as
 * some old ones aren't, has no devices that it could know.
 */
export function moduleUsers(users: Iterable<string>): UserId[] {
  return [...users].flatMap((user) => moduleUser(user) ?? []);
}

function moduleUser(user: string): UserId | undefined {
  try {
    return new UserId(user);
  } catch {
    return undefined;
  }
}
