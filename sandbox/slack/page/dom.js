/**
 * An element. Text always becomes text nodes, never markup.
 * `attributes`: functions are listeners (`onclick`), `true` is an attribute without a value, nullish ones are left out.
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== ''),
  );
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}
