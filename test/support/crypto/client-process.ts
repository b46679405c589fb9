import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { line } from './protocol.ts';
import type { Line, Opening, Requests } from './protocol.ts';

/** A client in a process of its own, which talks in lines of JSON and ends with its standard input. */
export interface ClientProcess {
  /** @throws Error with what the client said. */
  ask<Name extends keyof Requests>(name: Name, request: Requests[Name]): Promise<unknown>;
  stop(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** How long a client may take to be ready, and to answer, in milliseconds. */
const limit = 60_000;

/**
 * Starts a client and waits until it is ready.
 *
 * @param command the program and its arguments; the opening is added as the last one.
 * @param onNews what it tells unasked, in order.
 */
export async function startClientProcess(
  [command = '', ...args]: readonly string[],
  opening: Opening,
  onNews: (news: Extract<Line, { says: 'sync' | 'read' }>) => void,
): Promise<ClientProcess> {
  const child = spawn(command, [...args, JSON.stringify(opening)], { stdio: 'pipe' });
  const who = `${opening.userId} (${child.spawnfile})`;
  const errors = lastLines(child);
  const waiting = new Map<number, Waiting>();
  let ready = (): void => undefined;
  const started = new Promise<void>((resolve) => (ready = resolve));

  createInterface({ input: child.stdout }).on('line', (text) => {
    const said = line.parse(JSON.parse(text));
    switch (said.says) {
      case 'ready':
        return ready();
      case 'sync':
      case 'read':
        return onNews(said);
      case 'done':
        return waiting.get(said.id)?.resolve(said.value);
      case 'failed':
        return waiting.get(said.id)?.reject(new Error(`${who}: ${said.error}`));
    }
  });
  const gone = once(child, 'exit').then(() => {
    const error = new Error(`The client of ${who} ended. Its last lines:\n${errors()}`);
    for (const each of waiting.values()) each.reject(error);
    return error;
  });
  const outcome = await Promise.race([started, gone, after(limit, `${who} is not ready. ${errors()}`)]);
  if (outcome instanceof Error) {
    child.kill('SIGKILL');
    throw outcome;
  }

  let last = 0;
  return {
    async ask(name, request) {
      const id = (last += 1);
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      child.stdin.write(`${JSON.stringify({ id, do: name, ...request })}\n`);
      const late = after(limit, `${who} did not ${name} in ${limit} ms. Its last lines:\n${errors()}`);
      try {
        const value = await Promise.race([answer, late]);
        if (value instanceof Error) throw value;
        return value;
      } finally {
        waiting.delete(id);
      }
    },
    async stop() {
      child.stdin.end();
      await Promise.race([gone, after(3_000, 'it hangs')]);
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function lastLines(child: ChildProcessWithoutNullStreams): () => string {
  const lines: string[] = [];
  child.stdin.on('error', () => undefined); // it ended: `gone` tells
  createInterface({ input: child.stderr }).on('line', (text) => {
    if (lines.push(text) > 30) lines.shift();
  });
  return () => lines.join('\n');
}

function after(milliseconds: number, message: string): Promise<Error> {
  return new Promise((resolve) => setTimeout(() => resolve(new Error(message)), milliseconds).unref());
}
