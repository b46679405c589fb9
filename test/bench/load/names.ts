/** What the null homeserver and the null Slack are called, and everybody and everything in them, by number from 0. */
export const names = {
  team: 'T0BENCH01',
  app: 'A0BENCH01',
  bot: 'U0BENCHBOT',
  botId: 'B0BENCH01',
  server: 'localhost',
  channel: (index: number): string => `C0BENCH${digits(index)}`,
  slackUser: (index: number): string => `U0BENCH${digits(index)}`,
  room: (index: number): string => `!bench${digits(index)}:localhost`,
  matrixUser: (index: number): string => `@person${digits(index)}:localhost`,
} as const;

function digits(index: number): string {
  return String(index).padStart(5, '0');
}

/** How many people write. */
export const people = 50;

/** A text says its place among the messages of its conversation, from 0: whoever gets it needs no table. */
export function numbered(number: number): string {
  return `#${number}#`;
}

export function numberIn(text: string): number | undefined {
  const found = /#(\d+)#/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
