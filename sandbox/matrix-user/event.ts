import { z } from 'zod';

/** Any JSON object: what events hold is up to whoever sent them. */
export const content = z.record(z.string(), z.unknown());
export type Content = z.infer<typeof content>;

/** An event as `/sync` and `/messages` hand it to a client. */
export const matrixEvent = z.object({
  event_id: z.string().default(''), // invitations come with events that have none
  type: z.string(),
  sender: z.string(),
  origin_server_ts: z.number().default(0),
  state_key: z.string().optional(),
  content: content.default({}),
  redacts: z.string().optional(),
  unsigned: content.default({}),
});
export type MatrixEvent = z.infer<typeof matrixEvent>;

/** A text in an event's content; absent when it is missing or no text. */
export function textIn(object: Content, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}

/** An object in an event's content; empty when it is missing or no object. */
export function objectIn(object: Content, name: string): Content {
  return content.catch({}).parse(object[name]);
}
