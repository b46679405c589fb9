/**
 * The Block Kit blocks that we post: the part of Slack's own types that we use, read-only.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */

export type SlackBlock = RichTextBlock | TableBlock | DividerBlock;

export interface RichTextBlock {
  readonly type: 'rich_text';
  readonly elements: readonly RichTextPart[];
}

export type RichTextPart = RichTextSection | RichTextList | RichTextQuote | RichTextPreformatted;

export interface RichTextSection {
  readonly type: 'rich_text_section';
  readonly elements: readonly RichTextElement[];
}

export interface RichTextList {
  readonly type: 'rich_text_list';
  readonly style: 'bullet' | 'ordered';
  readonly elements: readonly RichTextSection[];
  readonly indent?: number;
  readonly offset?: number;
  readonly border?: 1;
}

export interface RichTextQuote {
  readonly type: 'rich_text_quote';
  readonly elements: readonly RichTextElement[];
}

export interface RichTextPreformatted {
  readonly type: 'rich_text_preformatted';
  readonly elements: readonly RichTextElement[];
  readonly language?: string;
  readonly border?: 1;
}

export interface RichTextStyle {
  readonly bold?: true;
  readonly italic?: true;
  readonly strike?: true;
  readonly underline?: true;
  readonly code?: true;
}

export type RichTextElement =
  | { readonly type: 'text'; readonly text: string; readonly style?: RichTextStyle }
  | { readonly type: 'link'; readonly url: string; readonly text?: string; readonly style?: RichTextStyle }
  | { readonly type: 'emoji'; readonly name: string }
  | { readonly type: 'user'; readonly user_id: string }
  | { readonly type: 'channel'; readonly channel_id: string }
  | { readonly type: 'usergroup'; readonly usergroup_id: string }
  | { readonly type: 'broadcast'; readonly range: 'here' | 'channel' | 'everyone' };

export interface TableBlock {
  readonly type: 'table';
  readonly rows: readonly (readonly TableBlockCell[])[];
}

export type TableBlockCell = { readonly type: 'raw_text'; readonly text: string } | RichTextBlock;

export interface DividerBlock {
  readonly type: 'divider';
}
