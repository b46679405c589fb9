import type { SlackFile } from '../../events.ts';
import type { Block, Doc, Inline } from '../../format/doc.ts';
import { link, normalise, paragraph, text, textDoc } from '../../format/doc.ts';
import { cleanName } from '../../format/names.ts';
import { fileLabel } from '../file-label.ts';

/** Bytes of a text that is shown in the room itself; longer ones are files. */
export const mostInline = 8 * 1024;

/** Whether the file itself is brought: its bytes are there to fetch, and no words say as much. */
export function isBrought(file: SlackFile): boolean {
  return file.nature === 'file' && file.url !== undefined && !isInline(file);
}

function isInline({ snippet }: SlackFile): boolean {
  return snippet?.whole === true && Buffer.byteLength(snippet.text) <= mostInline;
}

/**
 * A file in words, with a link to where it is: for those that are no bytes, and in place of one that can't be brought.
 *
 * | file                              | words                                                             |
 * | --------------------------------- | ----------------------------------------------------------------- |
 * | a short text that is all there    | its name, and itself as a block of code                           |
 * | a canvas, list, post              | its title                                                         |
 * | an e-mail                         | its subject, who sent it, and what it says as a quote             |
 * | of another service                | its name, and the service's                                       |
 * | hidden by the workspace's plan    | that it is                                                        |
 * | any other                         | its name and size, and why it isn't here                          |
 *
 * @param why it can't be brought, for people
 */
export function fileWords(file: SlackFile, why?: string): Doc {
  const { mail, permalink, service, snippet } = file;
  switch (file.nature) {
    case 'page':
      return mail ? mailWords(file, mail) : line('📄 ', linked(permalink, titleOf(file)));
    case 'elsewhere': {
      const place = service === undefined ? '' : ` (${cleanName(service)})`;
      return line('🔗 ', linked(permalink, `${titleOf(file)}${place}`));
    }
    case 'hidden':
      return line(
        '📎 ',
        text('a file that Slack doesn’t show any more in this workspace’s plan', { italic: true }),
      );
    case 'unknown':
      return unseen(file, why ?? 'Slack doesn’t show it to the bridge');
    case 'file': {
      if (snippet && isInline(file) && why === undefined)
        return normalise({ blocks: [paragraph(text('📎 '), labelOf(file)), codeOf(snippet)] });
      return unseen(file, why);
    }
  }
}

function unseen(file: SlackFile, why: string | undefined): Doc {
  return line('📎 ', labelOf(file), ...(why === undefined ? [] : [text(` – ${why}`, { italic: true })]));
}

function labelOf(file: SlackFile): Inline {
  return linked(file.permalink, fileLabel(file));
}

function line(sign: string, ...children: readonly Inline[]): Doc {
  return { blocks: [paragraph(text(sign), ...children)] };
}

function linked(url: string | undefined, words: string): Inline {
  return url === undefined ? text(words) : link(url, [text(words)]);
}

function titleOf({ name, title }: SlackFile): string {
  return cleanName(title ?? name, 120) || 'Untitled';
}

function codeOf({ language, text: code }: NonNullable<SlackFile['snippet']>): Block {
  return { type: 'code', text: code.replace(/\n+$/, ''), ...(language !== undefined && { language }) };
}

function mailWords(file: SlackFile, { from, text: said }: NonNullable<SlackFile['mail']>): Doc {
  const sender = cleanName(from ?? '', 120);
  const head = paragraph(
    text('✉️ '),
    linked(file.permalink, titleOf(file)),
    ...(sender === '' ? [] : [text(` from ${sender}`)]),
  );
  const { blocks } = textDoc(beginning(said ?? ''));
  return normalise({ blocks: [head, ...(blocks.length > 0 ? [{ type: 'quote', blocks } as const] : [])] });
}

/** As much of a text as is shown in the room. */
function beginning(said: string): string {
  return said.length <= mostInline ? said : `${said.slice(0, mostInline).toWellFormed().trimEnd()}…`;
}
