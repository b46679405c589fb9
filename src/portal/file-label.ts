import { cleanFileName } from '../format/names.ts';

const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** A file in words: its name, and its size where that is known: `plan.pdf (1.2 MB)`. */
export function fileLabel(file: { readonly name: string; readonly size?: number }): string {
  const name = cleanFileName(file.name);
  return file.size === undefined ? name : `${name} (${sizeLabel(file.size)})`;
}

/** `1.2 MB` */
export function sizeLabel(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const shown = unit > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0);
  return `${shown} ${bytes === 1 ? 'byte' : units[unit]}`;
}
