/** Numbers of terminals. Pure. */

/** Terminal requests of ioctl(2). Source: include/uapi/asm-generic/ioctls.h. */
export const TIO = {
  TCGETS: 0x5401,
  TCSETS: 0x5402,
  TIOCSCTTY: 0x540e,
  TIOCGWINSZ: 0x5413,
  TIOCSWINSZ: 0x5414,
  TIOCSPTLCK: 0x40045431,
  TIOCGPTPEER: 0x5441,
  TIOCGPTN: 0x80045430,
  FIONREAD: 0x541b,
} as const;

/** Bits of the settings, and places in c_cc. Source: include/uapi/asm-generic/termbits.h and termbits-common.h. */
export const TERMIO = {
  IGNBRK: 0x1,
  BRKINT: 0x2,
  PARMRK: 0x8,
  ISTRIP: 0x20,
  INLCR: 0x40,
  IGNCR: 0x80,
  ICRNL: 0x100,
  IXON: 0x400,
  OPOST: 0x1,
  ISIG: 0x1,
  ICANON: 0x2,
  ECHO: 0x8,
  ECHONL: 0x40,
  IEXTEN: 0x8000,
  CSIZE: 0x30,
  CS8: 0x30,
  PARENB: 0x100,
  VTIME: 5,
  VMIN: 6,
} as const;
