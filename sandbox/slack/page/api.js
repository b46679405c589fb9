// The sandbox's control API. Actions answer JSON; a refusal has an `error` that says what is wrong.

async function answer(response) {
  const value = await response.json();
  if (!response.ok) throw new Error(value.error ?? `The sandbox answered ${response.status}.`);
  return value;
}

export async function read(action, query = {}) {
  return answer(await fetch(`/_sandbox/${action}?${new URLSearchParams(query)}`));
}

export async function act(action, input = {}) {
  const body = JSON.stringify(input);
  const headers = { 'content-type': 'application/json' };
  return answer(await fetch(`/_sandbox/${action}`, { method: 'POST', headers, body }));
}

/** Changes of the world and entries of the log as they come; the browser connects again by itself. */
export function follow({ onChange, onLog, onHello }) {
  const stream = new EventSource('/_sandbox/stream');
  stream.addEventListener('hello', onHello);
  stream.addEventListener('change', (event) => onChange(JSON.parse(event.data)));
  stream.addEventListener('log', (event) => onLog(JSON.parse(event.data)));
}

/** A chosen file as the control API takes it. */
export async function fileInput(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result));
    reader.addEventListener('error', () => reject(new Error(`${file.name} can't be read.`)));
    reader.readAsDataURL(file);
  });
  return {
    name: file.name,
    mimetype: file.type || 'application/octet-stream',
    base64: url.split(',')[1] ?? '',
  };
}
