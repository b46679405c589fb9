import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { looksLikePage } from '../../src/slack/first-bytes.ts';

describe('what looks like a page', () => {
  const page = (text: string): boolean => looksLikePage(Buffer.from(text));

  it('begins with its declaration or an outer element, behind spaces and comments', () => {
    assert.equal(page('<!DOCTYPE html><title>Sign in</title>'), true);
    assert.equal(page('\uFEFF \n<!-- a > b --><!---->\n<html lang="en">'), true);
    assert.equal(page('<head >'), true);
  });

  it('is no other text, and no file that only speaks of pages', () => {
    assert.equal(page('<?xml version="1.0"?><svg/>'), false);
    assert.equal(page('# <html>'), false);
    assert.equal(page('<htmlx>'), false);
    assert.equal(page('<!-- <html> -->'), false);
    assert.equal(page(''), false);
  });

  it('is told as quickly from what is nothing but comments', () => {
    assert.equal(page('<!---->'.repeat(500)), false);
    assert.equal(page('<!-- '.repeat(500)), false);
    assert.equal(page('<!---->'.repeat(140) + '<html>'), true);
  });
});
