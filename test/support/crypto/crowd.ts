import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { matrixApi } from '../../../sandbox/matrix-user/api.ts';
import type { MatrixUser } from '../../../sandbox/matrix-user.ts';
import type { TestHomeserver } from '../synapse.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ensureNio } from './nio.ts';

/** Many people in a room, with a device each, at matrix-nio. They only read. */
export interface Crowd {
  /** Who can't read all of these events after so many milliseconds, and why; nobody, when all is well. */
  unreadable(
    events: readonly string[],
    patience?: number,
  ): Promise<readonly { readonly user: string; readonly problem: string }[]>;
  stop(): Promise<void>;
}

const answer = z.object({
  id: z.number(),
  unread: z.array(z.object({ user: z.string(), problem: z.string() })),
});

/** Brings so many people into rooms; resolves when the keys of their devices are on the homeserver. */
export async function crowdIn(
  homeserver: Pick<TestHomeserver, 'session'>,
  {
    host,
    rooms,
    size,
  }: { readonly host: MatrixUser; readonly rooms: readonly string[]; readonly size: number },
): Promise<Crowd> {
  const folder = temporaryFolder('crowd');
  const openings: object[] = [];
  for (let index = 0; index < size; index += 1) {
    const session = await homeserver.session('Crowd');
    for (const room of rooms) {
      await host.invite(room, session.userId);
      const path = `/rooms/${encodeURIComponent(room)}/join`;
      await matrixApi(session.url, session.accessToken).call('POST', path, { body: {} });
    }
    openings.push({ ...session, folder: join(folder.path, String(index)) });
  }
  const python = await ensureNio((line) => console.error(line));
  const script = fileURLToPath(new URL('./nio-crowd.py', import.meta.url));
  const child = spawn(python, [script, JSON.stringify(openings)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');

  async function answered(): Promise<z.infer<typeof answer>['unread']> {
    const { value } = await lines.next();
    if (value === undefined) throw new Error('The crowd went away.');
    return answer.parse(JSON.parse(value)).unread;
  }
  await answered(); // that they are ready
  let last = 0;
  return {
    async unreadable(events, patience = 60_000) {
      last += 1;
      child.stdin.write(`${JSON.stringify({ id: last, events, patience })}\n`);
      return answered();
    },
    async stop() {
      child.stdin.end();
      await ended;
      await folder.remove();
    },
  };
}
