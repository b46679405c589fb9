import { tsToMillis } from '../ids.ts';
import type { PortalId } from '../ids.ts';
import { fileOfPart } from '../portal/from-slack/parts.ts';
import type { CarriedFile } from '../portal/media-ports.ts';
import type { FileInMatrix, MatrixPort } from '../portal/ports.ts';
import type { FoundFile } from '../store/restored.ts';
import { mediaKey } from './media-key.ts';
import type { FoundShare } from './restore-shares.ts';
import type { Trace } from './restore-trace.ts';

interface CopiesOptions {
  readonly portal: { readonly id: PortalId };
  readonly trace: Pick<Trace, 'copies'>;
  readonly matrix: Pick<MatrixPort, 'authorOf'>;
}

/** What was brought to the homeserver, as its events show it: nothing of it is brought again when a caption is edited. */
export function filesOfCopies({ portal, trace, matrix }: CopiesOptions): readonly FoundFile[] {
  return trace.copies.flatMap(({ author: marked, media, part, sender, ts }) => {
    const source = fileOfPart(part);
    const author = marked ?? matrix.authorOf(sender)?.author;
    if (source === undefined || author === undefined || !media) return [];
    const known = { portal: portal.id, source, sender: author, at: tsToMillis(ts) };
    const { file, thumbnail } = media;
    return [foundFile(known, 'file', file), ...(thumbnail ? [foundFile(known, 'thumbnail', thumbnail)] : [])];
  });
}

function foundFile(
  known: Pick<FoundFile, 'portal' | 'source' | 'sender' | 'at'>,
  kind: CarriedFile['kind'],
  { url: target, size, mimetype }: FileInMatrix,
): FoundFile {
  const key = mediaKey(known.portal, kind, known.source);
  return { ...known, key, kind, direction: 'to_matrix', target, size, mimetype };
}

/** What was brought to Slack. */
export function filesOfShares(portal: PortalId, shares: readonly FoundShare[]): readonly FoundFile[] {
  return shares.flatMap(({ brought, written: { sender, at } }) =>
    brought.map(({ file: { size = 0, mimetype = 'application/octet-stream' }, source, id }): FoundFile => {
      const key = mediaKey(portal, 'file', source);
      return {
        key,
        portal,
        source,
        kind: 'file',
        direction: 'to_slack',
        sender,
        at,
        target: id,
        size,
        mimetype,
      };
    }),
  );
}
