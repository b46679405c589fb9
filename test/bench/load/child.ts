import { fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';

/** A process of the benchmark's own that does what it is asked. It ends with this process. */
export interface Child {
  /** Resolves with the answer. @throws Error with what it failed with, or when it has ended */
  ask(what: string, details?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** What a child does, by name. */
export type Duties = Readonly<Record<string, (details: unknown) => unknown>>;

const answer = z.object({ id: z.number(), result: z.unknown().optional(), error: z.string().optional() });
const question = z.object({ id: z.number(), what: z.string(), details: z.unknown().optional() });

export function startChild(program: URL): Child {
  const process = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let asked = 0;
  process.on('message', (message) => {
    const { id, result, error } = answer.parse(message);
    const asker = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asker?.resolve(result);
    else asker?.reject(new Error(error));
  });
  process.once('exit', (status) => {
    for (const { reject } of waiting.values())
      reject(new Error(`${program.pathname} ended with status ${status}`));
    waiting.clear();
  });
  return {
    ask(what, details = {}) {
      const asker = Promise.withResolvers<unknown>();
      asked += 1;
      waiting.set(asked, asker);
      process.send({ id: asked, what, details });
      return asker.promise;
    },
    async stop() {
      if (process.exitCode !== null || process.signalCode !== null) return;
      const ended = once(process, 'exit');
      process.disconnect();
      await ended;
    },
  };
}

/** The child's side: answers what is asked until the parent goes. */
export function serve(duties: Duties): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (message) => {
    const { id, what, details } = question.parse(message);
    void Promise.resolve()
      .then(() => duties[what]?.(details))
      .then(
        (result) => process.send?.({ id, result }),
        (error: unknown) =>
          process.send?.({ id, error: error instanceof Error ? error.message : String(error) }),
      );
  });
}
