import { randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** An id as Slack makes them: a letter for the kind, then ten capitals and digits, the first of which is `0`. */
export function newId(letter: string): string {
  let id = `${letter}0`;
  for (const byte of randomBytes(9)) id += ALPHABET.charAt(byte % ALPHABET.length);
  return id;
}

/** Random lower-case hexadecimal, for secrets, hashes and block ids. */
export function newSecret(bytes = 16): string {
  return randomBytes(bytes).toString('hex');
}

/** A bot token; Slack's have the team's and the bot's number between the dashes. One that expires has another beginning. */
export function newBotToken(expires = false): string {
  return `${expires ? 'xoxe.xoxb-1' : 'xoxb'}-${randomNumber()}-${randomNumber()}-${newSecret(12)}`;
}

export function newAppToken(appId: string): string {
  return `xapp-1-${appId}-${randomNumber()}-${newSecret(32)}`;
}

/** A person's token; one that expires has another beginning. */
export function newUserToken(expires: boolean): string {
  const numbers = [randomNumber(), randomNumber(), randomNumber()].join('-');
  return `${expires ? 'xoxe.xoxp-1' : 'xoxp'}-${numbers}-${newSecret(16)}`;
}

/** Slack's look like two numbers with a dot. */
export function newClientId(): string {
  return `${randomNumber()}.${randomNumber()}`;
}

function randomNumber(): string {
  return String(1e12 + Math.floor(Math.random() * 9e12));
}

/** Microseconds since 1970 as a message id: `1700000000.000100`. */
export function formatTs(micros: number): string {
  const whole = Math.floor(micros / 1_000_000);
  return `${whole}.${String(micros % 1_000_000).padStart(6, '0')}`;
}

/** The inverse of `formatTs`; also reads `1700000000` and `1700000000.5`. `undefined` for anything else. */
export function parseTs(ts: string): number | undefined {
  const match = /^(\d{1,11})(?:\.(\d{1,6}))?$/.exec(ts);
  if (!match) return undefined;
  const [, whole = '0', fraction = ''] = match;
  return Number(whole) * 1_000_000 + Number(fraction.padEnd(6, '0'));
}
