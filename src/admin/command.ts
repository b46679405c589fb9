import type { MatrixMessage } from '../events.ts';
import type { Doc } from '../format/doc.ts';
import type { Permission } from '../portal/ports.ts';
import type { AdminContext } from './ports.ts';

/** One line of the table from which parsing, permission checks, help and the documentation are made. */
export interface Command {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly needs: Extract<Permission, 'user' | 'admin'>;
  /** Where it makes sense; `portal`: in a linked room, or anywhere when it names the channel; `direct`: where nobody else reads. */
  readonly where: 'anywhere' | 'portal' | 'direct';
  /** One sentence for people. */
  readonly help: string;
  /** Answers; a refusal is a `CannotBridge` whose message is the answer. May run twice: the end is the same. */
  readonly run: (request: Request) => Promise<Doc>;
}

export interface Argument {
  readonly name: string;
  readonly optional?: true;
  /** The last one: all words that follow, a space between them. */
  readonly rest?: true;
}

/** A command as somebody gave it. */
export interface Request {
  readonly context: AdminContext;
  readonly message: MatrixMessage;
  readonly permission: Permission;
  /** Given in a chat of the asker and the bot alone. */
  readonly direct: boolean;
  /** By name; those that weren't given are absent. */
  readonly args: Readonly<Record<string, string | undefined>>;
}

/** `link <channel> [team]`, as help and documentation write it. */
export function usage(command: Pick<Command, 'name' | 'args'>): string {
  const args = command.args.map(({ name, optional }) => (optional ? `[${name}]` : `<${name}>`));
  return [command.name, ...args].join(' ');
}
