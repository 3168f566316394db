/** Terminals: their settings and size. @see tty_ioctl(4), termios(3) */

import { TERMIO, TIO } from "./constants/terminal.ts";
import { termios, winsize } from "./layout/structs.ts";
import { type Outcome, outcome, success } from "./outcome.ts";
import { syscall } from "./syscall.ts";

/** Rows and columns of characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** Reads the settings of a terminal as the kernel keeps them, `struct termios`; ENOTTY where it is none. */
export function readSettings(fd: number): Outcome<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(termios.size);
  const done = outcome(syscall("ioctl", fd, TIO.TCGETS, bytes));
  return done.ok ? success(bytes) : done;
}

/** Puts settings into force, at once. */
export function applySettings(fd: number, settings: Uint8Array<ArrayBuffer>): Outcome<void> {
  const done = outcome(syscall("ioctl", fd, TIO.TCSETS, settings));
  return done.ok ? success(undefined) : done;
}

/**
 * Makes of settings those by which every byte passes as it is, both ways: no lines, no echo, no signals, no carriage
 * returns added. Source: cfmakeraw in termios(3).
 */
export function rawSettings(settings: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const before = termios.decode(settings);
  const { IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON } = TERMIO;
  const { OPOST, ECHO, ECHONL, ICANON, ISIG, IEXTEN, CSIZE, PARENB, CS8 } = TERMIO;
  const control = [...before.c_cc];
  control[TERMIO.VMIN] = 1;
  control[TERMIO.VTIME] = 0;
  return termios.encode({
    ...before,
    c_iflag: without(before.c_iflag, IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON),
    c_oflag: without(before.c_oflag, OPOST),
    c_lflag: without(before.c_lflag, ECHO | ECHONL | ICANON | ISIG | IEXTEN),
    c_cflag: without(before.c_cflag, CSIZE | PARENB) + CS8,
    c_cc: control,
  });
}

function without(flags: number, bits: number): number {
  return (flags & ~bits) >>> 0;
}

/** Reads the size of a terminal. Some know none: 0 and 0. */
export function readSize(fd: number): Outcome<TerminalSize> {
  const bytes = new Uint8Array(winsize.size);
  const done = outcome(syscall("ioctl", fd, TIO.TIOCGWINSZ, bytes));
  if (!done.ok) return done;
  const { ws_row: rows, ws_col: columns } = winsize.decode(bytes);
  return success({ rows, columns });
}

/** Sets the size of a terminal; where it differs, the programs at it are told by SIGWINCH. */
export function applySize(fd: number, { rows, columns }: TerminalSize): Outcome<void> {
  const bytes = winsize.encode({ ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 });
  const done = outcome(syscall("ioctl", fd, TIO.TIOCSWINSZ, bytes));
  return done.ok ? success(undefined) : done;
}
