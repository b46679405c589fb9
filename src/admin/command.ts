import type { MatrixMessage } from '../events.ts';
import type { Doc } from '../format/doc.ts';
import type { Permission } from '../portal/ports.ts';
import type { Asker, Place, Side } from './asker.ts';
import type { AdminContext } from './ports.ts';

/** One line of the table from which parsing, permission checks, help, the HTTP API and the documentation are made. */
export interface Command {
  readonly name: string;
  readonly group: Group;
  readonly on: readonly Side[];
  readonly args: readonly Argument[];
  /** `relay`: whoever may be bridged at all, guests of Slack among them. */
  readonly needs: Exclude<Permission, 'none'>;
  /** Where it makes sense; `portal`: where it is linked, or anywhere when it names the channel; `direct`: where nobody else reads. */
  readonly where: 'anywhere' | 'portal' | 'direct';
  /** One sentence for people. */
  readonly help: string;
  /** As people would say it, without what begins a command. */
  readonly examples: readonly string[];
  /** Its answer comes in pages: `page 2` may stand behind it. */
  readonly paged?: true;
  /** It asks first: says what will happen; with `yes` behind it the command is carried out. */
  readonly preview?: (request: Request) => Promise<Doc>;
  /** Answers; a refusal is a `CannotBridge` whose message is the answer. May run twice: the end is the same. */
  readonly run: (request: Request) => Promise<Answer>;
}

/** What people read; `data` is the same for programs, JSON. */
export type Answer = Doc & { readonly data?: unknown };

export type Group = 'Linking' | 'Looking' | 'People' | 'Your account' | 'When something fails' | 'The bridge';

/**
 * What an argument is. Links, pills and what Slack escapes are read into ids: a `channel` is then its name, its id, or a
 * room id or alias; a `person` an id of either side, an address or a name; a `room` its id or alias.
 */
export type ArgumentKind = 'channel' | 'team' | 'room' | 'person' | 'number' | 'choice' | 'word';

export interface Argument {
  readonly name: string;
  readonly kind: ArgumentKind;
  /** Of a choice. */
  readonly values?: readonly string[];
  readonly optional?: true;
  /** The last one: all words that follow, a space between them. */
  readonly rest?: true;
}

/** A command as somebody gave it. */
export interface Request {
  readonly context: AdminContext;
  readonly asker: Asker;
  readonly place: Place;
  /** The asker's. */
  readonly permission: Permission;
  /** In Matrix: given in a chat of the asker and the bot alone. */
  readonly direct: boolean;
  /** By name; those that weren't given are absent. */
  readonly args: Readonly<Record<string, string | undefined>>;
  /** From 1 on. */
  readonly page: number;
  /** What was said, without the page and without the `yes`. */
  readonly words: string;
  /** Names this request: what it does repeats safely by this. */
  readonly fact: string;
  /** In Matrix only. */
  readonly message?: MatrixMessage;
}

/** `link <channel> [team]`, as help and documentation write it. */
export function usage(command: Pick<Command, 'name' | 'args' | 'paged'>): string {
  const args = command.args.map(({ name, optional }) => (optional ? `[${name}]` : `<${name}>`));
  return [command.name, ...args, ...(command.paged ? ['[page]'] : [])].join(' ');
}

/** The event of a command that is there in Matrix only. */
export function messageOf({ message }: Request): MatrixMessage {
  if (message === undefined) throw new Error('a command of Matrix was given elsewhere');
  return message;
}
