import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { permissionOf } from '../../src/config.ts';
import { matrixUserId } from '../../src/ids.ts';

describe('permissions', () => {
  const permission = permissionOf({
    permissions: {
      '*': 'relay',
      'example.org': 'user',
      'bad.example': 'none',
      '@admin:example.org': 'admin',
      '@friend:bad.example': 'user',
    },
  });
  const table = [
    ['@someone:elsewhere.example', 'relay', 'everybody'],
    ['@ann:example.org', 'user', 'the server'],
    ['@admin:example.org', 'admin', 'the user before the server'],
    ['@spam:bad.example', 'none', 'a server that is refused'],
    ['@friend:bad.example', 'user', 'one of its users who is not'],
    ['@x:example.org:8448', 'relay', 'another port is another server'],
    ['@x:sub.example.org', 'relay', 'a subdomain is another server'],
  ] as const;
  for (const [user, expected, why] of table)
    it(`gives ${user} ${expected}: ${why}`, () => assert.equal(permission(matrixUserId(user)), expected));

  it('gives none when no entry fits', () => {
    assert.equal(permissionOf({ permissions: { 'example.org': 'user' } })(matrixUserId('@a:b')), 'none');
  });

  it('does not take names of object methods for entries', () => {
    assert.equal(permissionOf({ permissions: {} })(matrixUserId('@a:constructor')), 'none');
  });
});
