import { z } from 'zod';
import { mxcUri } from '../ids.ts';
import type { PictureStore } from '../matrix/ports.ts';
import type { Reader } from './reader.ts';

const mxcRows = z.array(z.object({ mxc: z.string().transform(mxcUri) }));
const urlRows = z.array(z.object({ url: z.string() }));

const byUrl = { name: 'picture', text: 'select mxc from picture where url = $1' };

const byBytes = { name: 'picture_bytes', text: 'select mxc from picture where sha256 = $1 limit 1' };

const byMxc = { name: 'picture_mxc', text: 'select url from picture where mxc = $1 limit 100' };

/** Two processes may upload one picture at a time: both then use what the first of them saved. */
const save = {
  name: 'picture_save',
  text: `insert into picture (url, sha256, mxc) values ($1, $2, $3)
    on conflict (url) do update set url = excluded.url returning mxc`,
};

export function createPictures(reader: Reader): PictureStore {
  return {
    async byUrl(url) {
      return mxcRows.parse(await reader.query(byUrl, [url]))[0]?.mxc;
    },
    async byBytes(sha256) {
      return mxcRows.parse(await reader.query(byBytes, [sha256]))[0]?.mxc;
    },
    async urlsOf(mxc) {
      return urlRows.parse(await reader.query(byMxc, [mxc])).map(({ url }) => url);
    },
    async save({ url, sha256, mxc }) {
      return mxcRows.parse(await reader.query(save, [url, sha256, mxc]))[0]?.mxc ?? mxc;
    },
  };
}
