import { existsSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';

/** Whether `npm start` runs what `npm run build` made; the sources otherwise. */
const isBuilt = existsSync(new URL('../../dist/main.js', import.meta.url));

/** What the figures depend on, in lines for people. */
export function describeMachine(): string {
  const [processor] = cpus();
  return [
    `Machine: ${cpus().length} × ${processor?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release()} ${arch()}`,
    `Node:    ${process.version}`,
    `Bridge:  ${isBuilt ? 'compiled (dist/, as npm run build left it)' : 'from its sources (npm run build makes the compiled one, which npm start prefers)'}`,
  ].join('\n');
}
