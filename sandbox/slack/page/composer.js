import { uploadFile } from './api.js';
import { el } from './dom.js';

/**
 * A form in which a person writes and adds files: chosen, dropped anywhere on `place`, or pasted. `send` gets the text and
 * the files as the control API takes them; `whoWrites` is the person whose files they are.
 */
export function openComposer(form, place, { send, whoWrites, tried }) {
  const { text, files } = form.elements;
  const list = form.querySelector('.attached');
  let chosen = [];
  let isSending = false;

  const show = () => {
    list.replaceChildren(...chosen.map((file) => chip(file, () => add([], file))));
  };
  const add = (more, without) => {
    chosen = [...chosen, ...more].filter((file) => file !== without);
    show();
  };

  files.addEventListener('change', () => {
    add([...files.files]);
    files.value = '';
  });
  text.addEventListener('paste', (event) => add([...(event.clipboardData?.files ?? [])]));
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  takeDrops(place, (dropped) => add(dropped));

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const written = text.value.trim();
    const sent = chosen;
    if (isSending || (!written && sent.length === 0)) return;
    isSending = true;
    const work = async () => {
      const uploaded = [];
      for (const file of sent) uploaded.push(await uploadFile(file, whoWrites()));
      await send(written, uploaded, form.elements);
      text.value = '';
      chosen = chosen.filter((file) => !sent.includes(file));
      show();
    };
    void tried(work()).then(() => {
      isSending = false;
      text.focus();
    });
  });
}

function chip(file, remove) {
  const isPicture = file.type.startsWith('image/');
  const image = isPicture ? el('img', { src: URL.createObjectURL(file), alt: '' }) : '';
  return el(
    'span',
    { class: 'chip' },
    image,
    el('span', {}, file.name),
    el('button', { type: 'button', title: `Leave out ${file.name}`, onclick: remove }, '✕'),
  );
}

function takeDrops(place, take) {
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  place.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    place.classList.add('dropping');
  });
  place.addEventListener('dragleave', (event) => {
    if (!place.contains(event.relatedTarget)) place.classList.remove('dropping');
  });
  place.addEventListener('drop', (event) => {
    place.classList.remove('dropping');
    if (!hasFiles(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
}
