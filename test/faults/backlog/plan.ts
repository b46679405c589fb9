import { z } from 'zod';

/** What the generator sends, and where. */
export const backlogPlan = z.object({
  url: z.string(),
  secret: z.string(),
  team: z.string(),
  app: z.string(),
  user: z.string(),
  /** In turns. */
  channels: z.array(z.string()),
  events: z.number(),
  /** A second, if the bridge takes so many. */
  rate: z.number(),
  /** Since 1970, of the first event; a thousand events share one. */
  firstSecond: z.number(),
});
export type BacklogPlan = z.infer<typeof backlogPlan>;

/** About as long as what people write. */
export function textOf(number: number): string {
  return `backlog ${number} ${'and what people say to each other in a day at work '.repeat(1 + (number % 4))}`.trim();
}

/** The number in a message's text; absent when it is none of ours. */
export function numberIn(text: string): number | undefined {
  const number = /^backlog (\d+) /.exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}
