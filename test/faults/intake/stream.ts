import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Events that Slack sends to an app's request URL, at a rate that doesn't depend on the answers. */
export interface StreamOptions {
  /** The request URL. */
  readonly url: string;
  readonly app: { readonly id: string; readonly signingSecret: string };
  readonly team: string;
  /** The events are messages in these channels in turn, by these people in turn. */
  readonly channels: readonly string[];
  readonly users: readonly string[];
  readonly perSecond: number;
  readonly events: number;
}

const outcome = z.object({
  /** How long each acknowledgement took from the moment at which the event was due, in milliseconds. */
  times: z.array(z.number()),
  /** Numbers of the events that had another answer than 200, or none. */
  refused: z.array(z.number()),
  /** From the first event to the last answer. */
  seconds: z.number(),
});
export type StreamOutcome = z.infer<typeof outcome>;

/** What Slack calls the event with this number, from 0. */
export function eventId(number: number): string {
  return `Ev0STREAM${String(number).padStart(6, '0')}`;
}

/** What the message with this number says. */
export function streamText(number: number): string {
  return `event ${number} of the stream`;
}

/** Sends all from a process of its own, over connections that stay open; nothing is sent twice. */
export async function sendStream(options: StreamOptions): Promise<StreamOutcome> {
  const program = fileURLToPath(new URL('stream-process.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const told: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  return outcome.parse(told[0]);
}
