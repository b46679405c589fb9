import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { SlackSandbox } from '../../sandbox/slack/server.ts';
import { createArrivals } from './arrivals.ts';
import type { Arrivals } from './arrivals.ts';

/** Somebody at the Slack sandbox's page, who notes every message there. */
export interface SlackObserver {
  /** By channel id. */
  readonly arrivals: Arrivals;
  stop(): void;
}

const messageChange = z.object({ what: z.literal('message'), channelId: z.string(), id: z.string() });

/** Follows the sandbox's stream of changes, as its page does. */
export async function observeSlack({ url, control }: SlackSandbox): Promise<SlackObserver> {
  const arrivals = createArrivals();
  const known = new Set<string>();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${url}/_sandbox/stream`, resolve).once('error', reject);
  });
  createInterface({ input: response }).on('line', (line) => {
    const change = messageChange.safeParse(dataOf(line)).data;
    if (!change) return;
    const at = performance.now();
    const message = `${change.channelId} ${change.id}`;
    if (known.has(message)) return; // a change of one that is known
    known.add(message);
    const [root] = control.thread({ channel: change.channelId, ts: change.id });
    arrivals.note(change.channelId, root?.text ?? '', at);
  });
  return { arrivals, stop: () => void response.destroy() };
}

/** The JSON of a line of server-sent events that carries some. */
function dataOf(line: string): unknown {
  return line.startsWith('data: ') ? JSON.parse(line.slice('data: '.length)) : undefined;
}
