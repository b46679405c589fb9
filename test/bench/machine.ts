import { arch, cpus, platform, release, totalmem } from 'node:os';

/** What the figures depend on, in lines for people. */
export function describeMachine(): string {
  const [processor] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `Machine: ${cpus().length} × ${processor?.model ?? 'unknown processor'}, ${memory} GiB, ${platform()} ${release()} ${arch()}`,
    `Node:    ${process.version}`,
  ].join('\n');
}
