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

/** Sends a person's file; the result is for the files of `post`. */
export async function uploadFile(file, user) {
  const query = new URLSearchParams({ user, name: file.name });
  const sent = await answer(await fetch(`/_sandbox/upload?${query}`, { method: 'POST', body: file }));
  return { name: file.name, ...(file.type && { mimetype: file.type }), upload: sent.upload };
}
