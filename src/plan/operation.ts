/**
 * The plan as data: operations, each with its calls, its shell twin, its reason and its man page. Pure.
 * What stands here is all there is: the program is encoded from it, and every listing is rendered from it.
 */

import type { SyscallName } from "../../ffi/constants/syscalls.ts";

/**
 * Who makes the calls of an operation. `myctr` is the command itself; the others are processes of the kernel program:
 * `monitor` waits for the container, each `relay` copies one stream, `container` becomes the container's process 1. With
 * an init that stays process 1, and `command` becomes the command. Where other containers are joined, `visitor` and
 * `joiner` enter them in place of the monitor, and end. In exec, `container` becomes one more process of the container.
 * `network helper` becomes the program that connects the container.
 * Two more threads go with a terminal: `door` gives it to those who come later, `guard` puts the caller's in order again.
 */
export type Actor =
  | "myctr"
  | "monitor"
  | "visitor"
  | "joiner"
  | "network helper"
  | "stdin relay"
  | "stdout relay"
  | "stderr relay"
  | "door"
  | "guard"
  | "container"
  | "command";

/** The result of an earlier call, by name: a descriptor, a pid. */
export interface Slot {
  readonly slot: string;
}

/** Room for what the kernel writes: `slots` are ints side by side; otherwise `size` bytes from `at` on. */
export interface Out {
  readonly out: string;
  /** 0 where it is absent: names a part of a room that another argument has whole. */
  readonly at?: number;
  readonly slots?: readonly string[];
  readonly size: number;
  /** What its first word holds at first. @default 0 */
  readonly initial?: number;
  /** As strace prints it once the call has returned; absent: its address. */
  readonly shows?: string;
}

/** A structure that the program reads or the kernel fills, by the layout's name in `ffi/layout/structs.ts`. */
export interface Struct {
  readonly struct: string;
  /** An {@link Out} stands for its address. */
  readonly fields: Readonly<Record<string, number | bigint | Slot | Out>>;
}

/** A NULL-terminated array of texts: argv, envp. `home` adds the HOME that is known only at run time. */
export interface Texts {
  readonly texts: readonly string[];
  readonly home?: boolean;
}

/** A message of one system (rtnetlink): encoded where the plan becomes a program. */
export interface Message {
  readonly message: "set lo up";
  readonly size: number;
}

/** A frame of `frame.ts` that holds that text, by a name; whoever names it has it once. */
export interface Frame {
  readonly frame: string;
  readonly text: string;
  readonly value: Slot;
}

/** A message that carries a descriptor to another process (SCM_RIGHTS): that of a slot; or, received, for a slot. */
export interface Passage {
  readonly passage: string;
  readonly descriptor: Slot | number;
  readonly isReceived?: true;
}

/** Bytes as they are, and what they mean. */
export interface Bytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly shows: string;
}

/** The head of that stream's log file. */
export interface LogHead {
  readonly logHead: string;
}

/** The address from which on a part of the program is not needed any more, once its command runs. */
export interface ProgramPart {
  readonly part: "done instructions" | "done data";
}

/** A seccomp filter, and the `struct sock_fprog` that leads to it. */
export interface Filter {
  /** `struct sock_filter[]`, eight bytes each. */
  readonly filter: Uint8Array;
}

/** The answer of myctr after it has looked at the root: see `answer.ts`. */
export interface AnswerPart {
  readonly answer: "all" | "uid" | "gid" | "groupCount" | "groups";
}

export type Argument =
  | number
  | bigint
  | string
  | null
  | Slot
  | Out
  | Struct
  | Texts
  | Message
  | Filter
  | Frame
  | LogHead
  | Passage
  | Bytes
  | ProgramPart
  | AnswerPart;

/**
 * What happens when a call fails. `stop` ends the start and reports; `ignore` goes on; `attempt` reports and goes on:
 * a command is looked for in one directory after the other, a keyring may be one too many.
 */
export type Failure = "stop" | "ignore" | "attempt";

/** One system call. */
export interface Call {
  readonly name: SyscallName;
  readonly args: readonly Argument[];
  /** The name by which later calls use the result. */
  readonly result?: string;
  readonly failure: Failure;
  /** `end`: a result of 0 ends the process quietly; `end-unless-zero`: every other result does. */
  readonly ends?: "on-zero" | "unless-zero";
  /**
   * `read` and `write` are repeated until the first gives 0, which means end of file; the second writes what was read.
   * In between, `stamp` and `keep` write it to the log with its time; `drop` follows where that fails, `rotate` where the
   * file is full. Where there is nothing more to read at the moment, `idle` gives the room back. `until` waits for more,
   * or for the end of the process whose stream it is: then what is there by then is the last.
   * `signal`, `forward` and `reap` are an init's: a signal is taken; a SIGCHLD leads to `reap`, until it gives 0; any
   * other one to `forward`. When the command itself is reaped, the process ends as it did.
   * `accept` waits for who comes, and `pass` follows, over and over.
   */
  readonly loop?:
    | "idle"
    | "read"
    | "write"
    | "stamp"
    | "keep"
    | "drop"
    | "rotate"
    | "until"
    | "signal"
    | "forward"
    | "reap"
    | "accept"
    | "pass";
  /** Of a relay's `read`: this errno is the end of the file too. */
  readonly endOfFile?: number;
  /** Of a relay's `write`: it is left out from then on when that slot is not 0 any more, or when it has failed. */
  readonly unless?: Slot;
  /** Of `keep`: how many bytes a file takes before `rotate` follows, and the slot that has how many it has already. */
  readonly limit?: Slot & { readonly bytes: number };
  /** This clone gives a new process: its own operations are those of that actor. */
  readonly starts?: Actor;
  /** The 32-bit errno in the kernel's answer at that address counts as the call's result. */
  readonly acknowledgement?: string;
}

/** One step of a plan, and what is to be said about it. */
export interface Operation {
  readonly actor: Actor;
  /** The words after "Cannot": `mount /proc`. */
  readonly label: string;
  /** The shell command that does the same, or the nearest there is. */
  readonly shell: string;
  /** One sentence of at most 20 words for a reader who is new to this. */
  readonly reason: string;
  /** Such as `mount(2)`. */
  readonly man: string;
  readonly calls: readonly Call[];
  /** For operations of myctr itself: what it does, as there is no one call. */
  readonly action?: string;
}

/** Ordered: operations of one actor happen in this order; a clone stands before the operations of what it starts. */
export interface Plan {
  readonly operations: readonly Operation[];
  /** Whether it is of a process that joins a container. */
  readonly isExec?: true;
}

/** Options of {@link call}. */
export type CallOptions = Partial<Omit<Call, "name" | "args">>;

/** Makes a call; it stops the start when it fails unless `options.failure` says else. */
export function call(name: SyscallName, args: readonly Argument[], options: CallOptions = {}): Call {
  return { name, args, failure: "stop", ...options };
}

/** Names the result of an earlier call. */
export function slot(name: string): Slot {
  return { slot: name };
}
