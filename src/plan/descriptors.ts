/**
 * Descriptors that myctr hands to the program, by number. Pure.
 * The monitor closes everything from the first free number on before it opens anything, so the kernel's rule of the
 * lowest free number makes the pipe that reports the start come out there.
 */

/** What the program finds open at its start. */
export const FD = {
  /** Read end: myctr's words to the program; end of file means that myctr is gone. */
  go: 3,
  /** Write end: records of two words each. See `records.ts`. */
  status: 4,
  /** The file that takes the container's wait status. */
  exit: 5,
  /** Holds the container's lock for as long as the monitor lives. */
  lock: 6,
  /** myctr's own executable, for the clean-up when no myctr is there to do it. */
  executable: 7,
} as const;

/** In place of exit, lock and executable, a program that joins a container finds a pidfd of the container's process 1. */
export const PROCESS_1 = 5;

/** The first number behind these, for what starts a container and for what joins one. */
const FIRST_OTHER = { start: 8, exec: 6 } as const;

/** What else a program may be given: one number after the other, so that none is somebody else's. */
export interface OtherNumbers {
  /** A socket that takes the master of the terminal, for the myctr that stays. */
  readonly client?: number;
  /** A listening socket: whoever connects is given the container's input. */
  readonly door?: number;
  /** Takes what the network helper says: a number when the network is there, or why it is not. */
  readonly network?: number;
  /** The first number that nothing is handed over by. */
  readonly firstFree: number;
}

/** Counts the numbers of what this program is given besides. */
export function otherNumbers(
  { isExec, hasClient, hasDoor, hasNetwork }: {
    readonly isExec: boolean;
    readonly hasClient: boolean;
    readonly hasDoor: boolean;
    readonly hasNetwork: boolean;
  },
): OtherNumbers {
  const client = isExec ? FIRST_OTHER.exec : FIRST_OTHER.start;
  const door = hasClient ? client + 1 : client;
  const network = hasDoor ? door + 1 : door;
  return {
    ...(hasClient && { client }),
    ...(hasDoor && { door }),
    ...(hasNetwork && { network }),
    firstFree: hasNetwork ? network + 1 : network,
  };
}

/** Where a relay, which reads 0 and writes 1, keeps {@link FD}.status; the two that go with a terminal too. */
export const RELAY_STATUS = 2;

/** Where a relay keeps the log's file; or, where there is no log, the process whose end is that of the stream. */
export const RELAY_LOG = 3;
export const RELAY_PROCESS = 3;

/** The highest descriptor number there can be: `~0U`. */
export const LAST_FD = 0xffff_ffff;

/** The container's user namespace, where a monitor that shares its descriptors with the container looks for it. */
export const USER_NAMESPACE = 90;
