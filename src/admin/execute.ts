import type { MatrixMessage } from '../events.ts';
import { requirePermission } from './access.ts';
import type { Asker, Place } from './asker.ts';
import { say } from './asker.ts';
import type { Answer, Request } from './command.ts';
import type { Parsed } from './parse.ts';
import type { AdminContext } from './ports.ts';
import { code, line } from './reply.ts';

/** Who gives a command, where, and what names it. */
export interface Given {
  readonly asker: Asker;
  readonly place: Place;
  readonly fact: string;
  readonly message?: MatrixMessage;
}

/** Carries out a command that was read. Throws `CannotBridge` whose message is the answer, and `TryLater`. */
export async function execute(context: AdminContext, given: Given, parsed: Parsed): Promise<Answer> {
  const { command, confirmed } = parsed;
  const { asker, place } = given;
  requirePermission(asker, command.needs);
  const request: Request = {
    ...given,
    context,
    permission: asker.permission,
    direct: place.direct,
    args: parsed.args,
    page: parsed.page,
    words: parsed.words,
  };
  if (command.preview === undefined || confirmed) return command.run(request);
  const { blocks } = await command.preview(request);
  const how = line('If that is what you want, say ', code(say(place, `${parsed.words} yes`)), '.');
  return { blocks: [...blocks, how], data: { preview: true } };
}
