import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import { matrixUserOf } from './asker.ts';
import type { Request } from './command.ts';
import { elsewhere } from './login.ts';
import { line, link, reply } from './reply.ts';

/** Gives an administrator a link on which they install the app in a workspace. */
export async function install({ context, direct, asker }: Request): Promise<Doc> {
  if (!direct) return elsewhere('install');
  const obstacle = context.installs.obstacle();
  if (obstacle !== undefined) throw new CannotBridge('no-install', obstacle);
  const address = await context.installs.link(matrixUserOf(asker));
  return reply(
    line('Install the bridge’s app in a Slack workspace: ', link(address)),
    'Open it in the browser in which you use that workspace. It is good for ten minutes and once, and for you alone: show it to nobody.',
  );
}
