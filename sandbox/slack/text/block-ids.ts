import { isFields } from './check.ts';

let last = 0;

/** Blocks, and what can be pressed in them, each with an id; those that the app chose stay. */
export function withIds(blocks: readonly unknown[]): readonly unknown[] {
  return blocks.map(withBlockId);
}

function withBlockId(block: unknown): unknown {
  if (!isFields(block)) return block;
  const { elements, accessory } = block;
  const isActions = block['type'] === 'actions' && Array.isArray(elements);
  return {
    block_id: nextId(),
    ...block,
    ...(isActions && { elements: elements.map(withActionId) }),
    ...(accessory !== undefined && { accessory: withActionId(accessory) }),
  };
}

function withActionId(element: unknown): unknown {
  return isFields(element) && element['type'] === 'button' ? { action_id: nextId(), ...element } : element;
}

function nextId(): string {
  last += 1;
  return last.toString(36).padStart(5, '0');
}
