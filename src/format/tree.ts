/**
 * The neutral text tree's types: what the text of a message says, without a network's format. Import them from
 * `doc.ts`, which adds what is done with a tree.
 *
 * Trees are plain data: they can be compared, stored as JSON and made by hand. `normalise` gives the one form of a tree
 * that parsers return; renderers take any.
 */
import type { ChannelId, MatrixUserId, RoomId, SlackUserId, UsergroupId } from '../ids.ts';

export interface Doc {
  readonly blocks: readonly Block[];
}

export type Block = Paragraph | Heading | List | Quote | CodeBlock | Divider | Table;

/** Running text. Paragraphs that follow each other are set apart by a blank line. */
export interface Paragraph {
  readonly type: 'paragraph';
  readonly children: readonly Inline[];
}

export interface Heading {
  readonly type: 'heading';
  readonly level: HeadingLevel;
  readonly children: readonly Inline[];
}

export type HeadingLevel = 1 | 2 | 3 | 4 | 5 | 6;

export interface List {
  readonly type: 'list';
  readonly ordered: boolean;
  /** The number of the first item, 0 or more; 1 for unordered lists. */
  readonly start: number;
  readonly items: readonly ListItem[];
}

export interface ListItem {
  readonly blocks: readonly Block[];
}

export interface Quote {
  readonly type: 'quote';
  readonly blocks: readonly Block[];
  /** The bar at its side, `#rrggbb` in lower case: Slack's attachments have one. */
  readonly color?: string;
}

/** Text as it stands, in lines. */
export interface CodeBlock {
  readonly type: 'code';
  readonly text: string;
  readonly language?: string;
}

export interface Divider {
  readonly type: 'divider';
}

export interface Table {
  readonly type: 'table';
  readonly header?: TableRow;
  readonly rows: readonly TableRow[];
}

export type TableRow = readonly TableCell[];
export type TableCell = readonly Inline[];

export type Inline = Text | Link | MentionInline | Emoji | Break | Image;

export interface Text {
  readonly type: 'text';
  readonly text: string;
  readonly marks: Marks;
}

/** What is absent is off: there are no `false` values. */
export interface Marks {
  readonly bold?: true;
  readonly italic?: true;
  readonly strike?: true;
  readonly underline?: true;
  readonly code?: true;
  readonly spoiler?: true;
  /** The colour of the text, `#rrggbb` in lower case. */
  readonly color?: string;
}

/** A link's `url` has the scheme http, https or mailto; any other is text in the tree. Links hold no links and no mentions. */
export interface Link {
  readonly type: 'link';
  readonly url: string;
  readonly children: readonly Inline[];
}

export interface MentionInline {
  readonly type: 'mention';
  readonly target: Mention;
}

/**
 * Somebody or some place that is addressed. `label` is the name that the writer saw, without `@` or `#`; the bare id
 * stands in where there is none.
 */
export type Mention =
  | { readonly type: 'slack-user'; readonly user: SlackUserId; readonly label?: string }
  | { readonly type: 'matrix-user'; readonly user: MatrixUserId; readonly label?: string }
  | { readonly type: 'slack-channel'; readonly channel: ChannelId; readonly label?: string }
  | {
      readonly type: 'matrix-room';
      readonly room: RoomId;
      readonly via?: readonly string[];
      readonly label?: string;
    }
  | { readonly type: 'matrix-alias'; readonly alias: string; readonly label?: string }
  | { readonly type: 'usergroup'; readonly usergroup: UsergroupId; readonly label?: string }
  /** A call to all: Slack's `@here`, `@channel`, `@everyone`; Matrix's `@room` is `channel`. */
  | { readonly type: 'everyone'; readonly range: EveryoneRange };

export type EveryoneRange = 'here' | 'channel' | 'everyone';

/**
 * An emoji by its Slack short name, without colons. A standard one carries its characters as well, skin tone included
 * (`name` is then like `wave::skin-tone-3`); a workspace's own has none, and gets an `image` when somebody resolves it.
 */
export interface Emoji {
  readonly type: 'emoji';
  readonly name: string;
  readonly unicode?: string;
  /** Where its picture is: mxc, https. */
  readonly image?: string;
}

/** A new line within a block. */
export interface Break {
  readonly type: 'break';
}

/** A picture in running text; `src` is an mxc, http or https address. */
export interface Image {
  readonly type: 'image';
  readonly src?: string;
  readonly alt: string;
}

export const noMarks: Marks = {};

export function text(value: string, marks: Marks = noMarks): Text {
  return { type: 'text', text: value, marks };
}

export function mention(target: Mention): MentionInline {
  return { type: 'mention', target };
}

export function link(url: string, children: readonly Inline[] = [text(url)]): Link {
  return { type: 'link', url, children };
}

export function lineBreak(): Break {
  return { type: 'break' };
}

export function paragraph(...children: readonly Inline[]): Paragraph {
  return { type: 'paragraph', children };
}

/** Whether two texts may stand in one run. */
export function sameMarks(a: Marks, b: Marks): boolean {
  return (
    a === b ||
    (a.bold === b.bold &&
      a.italic === b.italic &&
      a.strike === b.strike &&
      a.underline === b.underline &&
      a.code === b.code &&
      a.spoiler === b.spoiler &&
      a.color === b.color)
  );
}
