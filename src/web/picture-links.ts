import { createHmac, timingSafeEqual } from 'node:crypto';
import { mxcUri } from '../ids.ts';
import type { MxcUri } from '../ids.ts';

/** Makes and reads the addresses under which Slack fetches the pictures of Matrix users. */
export interface PictureLinks {
  /** The public address of a picture: always the same for the same picture, so that Slack keeps its copy. */
  readonly link: (picture: MxcUri) => string | undefined;
  /** The picture that a path (`/pictures/…`) asks for; undefined when it wasn't made by `link`. */
  readonly read: (path: string) => MxcUri | undefined;
}

/** Where pictures live below the public address. */
export const picturePath = '/pictures/';

/**
 * `<public address>/pictures/<signature>/<server>/<media id>`. The signature is an HMAC of the mxc address: nobody can
 * make this server fetch what the bridge hasn't shown to Slack itself.
 *
 * @param key at least 32 bytes, for this purpose only; another key makes all older addresses invalid.
 */
export function createPictureLinks(publicUrl: string, key: Uint8Array): PictureLinks {
  const sign = (picture: MxcUri) => createHmac('sha256', key).update(picture).digest().subarray(0, 18);

  return {
    link: (picture) => {
      const { server, media } = partsOf(picture);
      if (!shape.test(`/${server}/${media}`)) return undefined; // ids that aren't plain could change a path's meaning
      return `${publicUrl}${picturePath}${sign(picture).toString('base64url')}/${server}/${media}`;
    },
    read: (path) => {
      const [signature, server, media, ...rest] = path.slice(picturePath.length).split('/');
      if (!path.startsWith(picturePath) || rest.length > 0 || !signature || !server || !media)
        return undefined;
      if (!shape.test(`/${server}/${media}`)) return undefined;
      const picture = mxcUri(`mxc://${server}/${media}`);
      return sameBytes(Buffer.from(signature, 'base64url'), sign(picture)) ? picture : undefined;
    },
  };
}

/** A server name and a media id that need no escaping in a path. */
const shape = /^\/[A-Za-z0-9.:[\]-]{1,255}\/[A-Za-z0-9_-]{1,255}$/;

function partsOf(picture: MxcUri): { readonly server: string; readonly media: string } {
  const [server = '', media = ''] = picture.slice('mxc://'.length).split('/');
  return { server, media };
}

function sameBytes(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
