import { el } from './dom.js';
import { otherBlock } from './other-block.js';
import { mrkdwn, richText, safe } from './rich-text.js';

const layouts = {
  rich_text: richText,
  header: (block, names) => el('h3', { class: 'header' }, textObject(block.text, names)),
  divider: () => el('hr'),
  section: (block, names) => [
    block.text ? el('p', {}, textObject(block.text, names)) : '',
    block.fields
      ? el(
          'div',
          { class: 'fields' },
          block.fields.map((field) => el('p', {}, textObject(field, names))),
        )
      : '',
    block.accessory ? element(block.accessory, names) : '',
  ],
  context: (block, names) =>
    el(
      'p',
      { class: 'hint' },
      block.elements.map((one) => [element(one, names), ' ']),
    ),
  actions: (block, names) =>
    el(
      'div',
      { class: 'actions' },
      block.elements.map((one) => element(one, names)),
    ),
  image: (block, names) => [
    block.title ? el('p', { class: 'hint' }, textObject(block.title, names)) : '',
    image(block, 'picture'),
  ],
  table: (block, names) =>
    el(
      'table',
      {},
      block.rows.map((row) =>
        el(
          'tr',
          {},
          row.map((cell) => el('td', {}, tableCell(cell, names))),
        ),
      ),
    ),
};

/** Blocks as people read them; those that have no layout here show their text, and on a click their JSON. */
export function renderBlocks(blocks, names) {
  return blocks.map((block) => {
    try {
      return (layouts[block.type] ?? otherBlock)(block, names);
    } catch {
      return otherBlock(block, names); // made by hand, and not as Slack has it
    }
  });
}

function textObject({ type, text }, names) {
  return type === 'mrkdwn' ? mrkdwn(text, names) : text;
}

function element(one, names) {
  switch (one.type) {
    case 'mrkdwn':
    case 'plain_text':
      return textObject(one, names);
    case 'image':
      return image(one, 'emoji');
    case 'button':
      return el(
        'a',
        { class: 'button', href: safe(one.url ?? ''), target: '_blank', rel: 'noreferrer' },
        textObject(one.text, names),
      );
    default:
      return otherBlock(one, names);
  }
}

function image(one, kind) {
  const address = safe(one.image_url ?? one.slack_file?.url ?? '');
  return el('img', { class: kind, src: address, alt: one.alt_text ?? '' });
}

function tableCell(cell, names) {
  return cell.type === 'rich_text' ? richText(cell, names) : String(cell.text ?? cell.value ?? '');
}
