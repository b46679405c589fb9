import { existsSync, readFileSync, readdirSync } from 'node:fs';

/** Whether this system tells what other processes use; if not, there are no figures of processor and memory. */
export const usageIsKnown = existsSync('/proc/self/stat');

/** Linux counts processor time in hundredths of a second, whatever its own clock. */
const millisecondsPerTick = 10;

/** Processor time of one process since its start, user and system, in milliseconds. */
export function cpuOf(pid: number): number {
  const { own } = statOf(pid);
  return own * millisecondsPerTick;
}

/** The same of a process and its children, those that have ended too. */
export function cpuWithChildren(pid: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statIfThere(Number(name)))
    .filter(({ parent }) => parent === pid);
  const { own, ended } = statOf(pid);
  return (own + ended + children.reduce((sum, child) => sum + child.own, 0)) * millisecondsPerTick;
}

/** The memory that a process occupies now, in MiB. */
export function memoryOf(pid: number): number {
  const [, kibibytes = 'NaN'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}

interface Stat {
  readonly parent: number;
  /** Its own ticks, and those of its children that have ended. */
  readonly own: number;
  readonly ended: number;
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statOf(pid: number): Stat {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name comes second, in parentheses, and may hold anything.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const number = (index: number): number => Number(fields[index]);
  return { parent: number(1), own: number(11) + number(12), ended: number(13) + number(14) };
}

/** Nothing when the process has ended since it was listed. */
function statIfThere(pid: number): readonly Stat[] {
  try {
    return [statOf(pid)];
  } catch {
    return [];
  }
}
