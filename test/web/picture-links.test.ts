import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { mxcUri } from '../../src/ids.ts';
import { createPictureLinks } from '../../src/web/picture-links.ts';

const key = Buffer.alloc(32, 7);
const links = createPictureLinks('https://bridge.example.org/b', key);
const picture = mxcUri('mxc://example.org:8448/AbC_d-1');

function pathOf(link: string | undefined): string {
  assert.ok(link);
  return link.slice('https://bridge.example.org/b'.length);
}

describe('addresses of pictures', () => {
  it('lie below the public address and lead back to the picture', () => {
    const link = links.link(picture);
    assert.match(
      link ?? '',
      /^https:\/\/bridge\.example\.org\/b\/pictures\/[\w-]{24}\/example\.org:8448\/AbC_d-1$/,
    );
    assert.equal(links.read(pathOf(link)), picture);
  });

  it('are the same for the same picture, in every process with the key', () => {
    assert.equal(links.link(picture), createPictureLinks('https://bridge.example.org/b', key).link(picture));
    assert.notEqual(
      links.link(picture),
      createPictureLinks('https://bridge.example.org/b', randomBytes(32)).link(picture),
    );
  });

  it('are others for another picture, so that Slack fetches that', () => {
    const other = links.link(mxcUri('mxc://example.org:8448/AbC_d-2'));
    assert.notEqual(pathOf(links.link(picture)).split('/')[2], pathOf(other).split('/')[2]);
  });

  it('are refused when one character is changed', () => {
    const path = pathOf(links.link(picture));
    for (let index = '/pictures/'.length; index < path.length; index += 1) {
      const changed = `${path.slice(0, index)}${path[index] === 'x' ? 'y' : 'x'}${path.slice(index + 1)}`;
      assert.equal(links.read(changed), undefined, changed);
    }
  });

  it('are refused in any other form', () => {
    const path = pathOf(links.link(picture));
    const forms = [
      '/pictures/',
      '/pictures///',
      `${path}/more`,
      path.replace('/pictures', ''),
      `${path}%00`,
      `/pictures/../${path}`,
    ];
    for (const form of forms) assert.equal(links.read(form), undefined, form);
  });

  it('are not made for ids that could change the meaning of a path', () => {
    for (const odd of [
      'mxc://example.org/..',
      'mxc://example.org/a%2fb',
      'mxc://e\\x/a',
      `mxc://${'a'.repeat(240)}!/a`,
    ])
      assert.equal(links.link(mxcUri(odd)), undefined, odd);
  });
});
