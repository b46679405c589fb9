/** The running text of Slack's rich_text: writing it. */
import { isEmojiName } from './emoji.ts';
import { emojiText, plainInlines } from './plain-text.ts';
import type { RichTextElement, RichTextStyle } from './slack-blocks.ts';
import { isLiveOnSlack, mentionOnSlack } from './slack-mention.ts';
import type { SlackRenderOptions } from './slack-mention.ts';
import type { Emoji, Image, Inline, Link, Marks, Mention, Text } from './tree.ts';
import { link, noMarks, sameMarks, text } from './tree.ts';
import { safeUrl } from './url.ts';

/** Inline nodes as rich_text elements; neighbouring texts of one style are one element, as Slack itself writes them. */
export function richTextElements(
  children: readonly Inline[],
  options: SlackRenderOptions,
): readonly RichTextElement[] {
  const out: RichTextElement[] = [];
  const nodes = showSpoilers(children);
  for (const [index, node] of nodes.entries()) {
    const shown = node.type === 'break' ? text('\n', marksAround(nodes, index)) : node;
    for (const element of elementsOf(shown, options)) push(out, element);
  }
  return out;
}

/** A break between texts of one style belongs to it. */
function marksAround(nodes: readonly Inline[], index: number): Marks {
  const [before, after] = [nodes[index - 1], nodes[index + 1]];
  const one = before?.type === 'text' && after?.type === 'text' && sameMarks(before.marks, after.marks);
  return one ? before.marks : noMarks;
}

/** Adds an element, joining it to the last one if both are text in one style. */
function push(out: RichTextElement[], element: RichTextElement): void {
  const last = out.at(-1);
  const joins =
    element.type === 'text' && last?.type === 'text' && sameMarks(last.style ?? {}, element.style ?? {});
  if (joins) out[out.length - 1] = { ...last, text: last.text + element.text };
  else out.push(element);
}

function elementsOf(node: Inline, options: SlackRenderOptions): readonly RichTextElement[] {
  switch (node.type) {
    case 'text':
      return textElement(node.text, node.marks);
    case 'break':
      return [{ type: 'text', text: '\n' }];
    case 'link':
      return linkElements(node);
    case 'emoji':
      return emojiElement(node);
    case 'mention':
      return mentionElements(node.target, options);
    case 'image':
      return imageElements(node);
  }
}

function textElement(value: string, marks: Marks): readonly RichTextElement[] {
  const style = styleOf(marks);
  return value === '' ? [] : [{ type: 'text', text: value, ...(style && { style }) }];
}

function styleOf({ bold, italic, strike, underline, code }: Marks): RichTextStyle | undefined {
  if (!(bold || italic || strike || underline || code)) return undefined;
  return {
    ...(bold && { bold }),
    ...(italic && { italic }),
    ...(strike && { strike }),
    ...(underline && { underline }),
    ...(code && { code }),
  };
}

/** A link with several marks becomes several links to one address. */
function linkElements(node: Link): readonly RichTextElement[] {
  const url = safeUrl(node.url);
  const runs = showSpoilers(node.children).flatMap((child) => {
    const shown = child.type === 'text' ? child.text : plainInlines([child]);
    return shown === '' ? [] : [text(shown, child.type === 'text' ? child.marks : undefined)];
  });
  if (url === undefined) return runs.flatMap((run) => textElement(run.text, run.marks));
  const joined = joinRuns(runs);
  const [only] = joined;
  if (!only || (joined.length === 1 && only.text === url)) return [linkElement(url, undefined, only?.marks)];
  return joined.map((run) => linkElement(url, run.text, run.marks));
}

function linkElement(url: string, shown: string | undefined, marks: Marks = {}): RichTextElement {
  const style = styleOf(marks);
  return { type: 'link', url, ...(shown !== undefined && { text: shown }), ...(style && { style }) };
}

function joinRuns(runs: readonly Text[]): readonly Text[] {
  const out: Text[] = [];
  for (const run of runs) {
    const last = out.at(-1);
    if (last && sameMarks(last.marks, run.marks))
      out[out.length - 1] = text(last.text + run.text, last.marks);
    else out.push(run);
  }
  return out;
}

/** An emoji that has a picture but no characters comes from Matrix: no workspace need know its name. */
function emojiElement(node: Emoji): readonly RichTextElement[] {
  const known = isEmojiName(node.name) && (node.unicode !== undefined || node.image === undefined);
  return known ? [{ type: 'emoji', name: node.name }] : textElement(emojiText(node), {});
}

function mentionElements(target: Mention, options: SlackRenderOptions): readonly RichTextElement[] {
  if (!isLiveOnSlack(target, options)) return elementsOf(mentionOnSlack(target), options);
  switch (target.type) {
    case 'slack-user':
      return [{ type: 'user', user_id: target.user }];
    case 'slack-channel':
      return [{ type: 'channel', channel_id: target.channel }];
    case 'usergroup':
      return [{ type: 'usergroup', usergroup_id: target.usergroup }];
    case 'everyone':
      return [{ type: 'broadcast', range: target.range }];
    default:
      return [];
  }
}

function imageElements(node: Image): readonly RichTextElement[] {
  const shown = node.alt || '[image]';
  const url = safeUrl(node.src ?? '');
  return url === undefined ? textElement(shown, {}) : linkElements(link(url, [text(shown)]));
}

/** Slack hides nothing: bars stand around what Matrix hides. */
function showSpoilers(children: readonly Inline[]): readonly Inline[] {
  if (!children.some((node) => node.type === 'text' && node.marks.spoiler)) return children;
  const out: Inline[] = [];
  let hidden = false;
  for (const node of children) {
    const hides = node.type === 'text' && node.marks.spoiler === true;
    const turns = hides !== hidden && (node.type === 'text' || node.type === 'link');
    if (turns) out.push(text('||'));
    if (turns) hidden = hides;
    out.push(node);
  }
  if (hidden) out.push(text('||'));
  return out;
}
