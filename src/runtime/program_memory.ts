/** Lays out a program's memory: slots, buffers, structures, texts. Pure. */

import { encodeMessage } from "../../ffi/netlink/message.ts";
import * as layouts from "../../ffi/layout/structs.ts";
import { SOCK_FILTER_SIZE } from "../../ffi/constants/seccomp.ts";
import { IFF, NLM_F, RTM, SCM } from "../../ffi/constants/netlink.ts";
import type { Assembler, Operand, Place } from "../../ffi/program/assembler.ts";
import type { Machine } from "../../ffi/program/elf.ts";
import { ANSWER } from "../plan/answer.ts";
import { encodeFrame, FRAME, LOG_HEAD_SIZE, LOG_MAGIC } from "../plan/frame.ts";
import type {
  AnswerPart,
  Argument,
  Filter,
  Frame,
  Message,
  Out,
  Passage,
  ProgramPart,
  Slot,
  Struct,
} from "../plan/operation.ts";

const LOW_HALF = 0xffff_ffff;
const encoder = new TextEncoder();

/** The largest page that the machine's kernel may use. */
export const PAGE_SIZE: Readonly<Record<Machine, number>> = { x86_64: 0x1000, aarch64: 0x10000 };

/** Places that are marked while the program is assembled. */
export const MARK = { instructions: "done instructions", data: "done data" } as const;
const PARTS: Readonly<Record<ProgramPart["part"], Operand>> = {
  "done instructions": { mark: MARK.instructions },
  "done data": { mark: MARK.data },
};
const INT_SIZE = 4;
/** Of ancillary data with one descriptor: its length, the room for it, and where the descriptor is. Source: cmsg(3). */
const PASSAGE = { length: 20, space: 24, descriptor: 16 } as const;
/** The first device of every network namespace. */
const LOOPBACK_INDEX = 1;

type Encodable = { encode(values: Record<string, number | bigint>): Uint8Array<ArrayBuffer> };
const CODECS: Readonly<Record<string, Encodable>> = {
  open_how: layouts.openHow as unknown as Encodable,
  mount_attr: layouts.mountAttr as unknown as Encodable,
  clone_args: layouts.cloneArgs as unknown as Encodable,
  timespec: layouts.timespec as unknown as Encodable,
  winsize: layouts.winsize as unknown as Encodable,
  rlimit64: layouts.rlimit64 as unknown as Encodable,
  sigaction: layouts.sigaction as unknown as Encodable,
  cap_user_header: layouts.capUserHeader as unknown as Encodable,
};

type Constants = Readonly<Record<string, number | bigint>>;

function encodeStruct(struct: string, fields: Constants): Uint8Array<ArrayBuffer> {
  const codec = CODECS[struct];
  if (codec === undefined) throw new TypeError(`no layout for ${struct}`);
  return codec.encode(fields);
}

/** The memory of one program, by the names of its plan. */
export class Memory {
  readonly #assembler: Assembler;
  readonly #slots = new Map<string, Place>();
  readonly #buffers = new Map<string, number>();
  #home: number | undefined;

  constructor(assembler: Assembler) {
    this.#assembler = assembler;
  }

  /** The place of a named result; made when first named. */
  slot(name: string): Place {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const place = { address: this.#assembler.reserve(8) };
    this.#slots.set(name, place);
    return place;
  }

  /** The address of a named buffer; made when first named. */
  buffer(name: string, size: number): number {
    const known = this.#buffers.get(name);
    if (known !== undefined) return known;
    const address = this.#assembler.reserve(size);
    this.#buffers.set(name, address);
    return address;
  }

  /** Makes room for what the kernel writes, so that its names are known wherever they are used. */
  declare(args: readonly Argument[]): void {
    for (let each = 0; each < args.length; each++) {
      const argument = args[each]!;
      if (typeof argument !== "object" || argument === null) continue;
      if ("slots" in argument) this.#out(argument);
      else if ("passage" in argument && argument.isReceived) this.#passage(argument);
    }
  }

  /** What a call is given for the arguments of the plan. */
  operands(args: readonly Argument[]): Operand[] {
    const operands: Operand[] = [];
    // No closure and no iterator: without a compiler this loop is a tenth of a start's own time.
    for (let each = 0; each < args.length; each++) {
      const argument = args[each]!;
      operands.push(typeof argument === "number" ? argument : this.operand(argument));
    }
    return operands;
  }

  /** What a call is given for an argument of the plan. */
  operand(argument: Argument): Operand {
    if (typeof argument === "number" || typeof argument === "bigint") return argument;
    if (argument === null) return 0;
    if (typeof argument === "string") return this.#assembler.string(argument);
    if ("slot" in argument) return this.slot(argument.slot);
    if ("out" in argument) return this.#out(argument);
    if ("texts" in argument) return this.#texts(argument.texts, argument.home ?? false);
    if ("message" in argument) return this.#assembler.bytes(encodeSystemMessage(argument));
    if ("filter" in argument) return this.#filter(argument);
    if ("answer" in argument) return this.#answer(argument);
    if ("frame" in argument) return this.#frame(argument);
    if ("logHead" in argument) return this.#logHead();
    if ("part" in argument) return PARTS[argument.part];
    if ("passage" in argument) return this.#passage(argument);
    if ("bytes" in argument) return this.#assembler.bytes(argument.bytes);
    return this.#struct(argument);
  }

  /** A record whose words are known now or copied in just before it is written. */
  record(tag: number | Place, value: number | Place): number {
    return this.#wordsOf([tag, value]);
  }

  #wordsOf(values: readonly (number | Place)[]): number {
    const address = this.#assembler.words(values.map((value) => typeof value === "object" ? 0 : value));
    values.forEach((value, index) => {
      if (typeof value === "object") this.#assembler.copy(value, address + 8 * index);
    });
    return address;
  }

  #out({ out, at = 0, slots, size, initial }: Out): number {
    if (initial !== undefined && !this.#buffers.has(out)) {
      this.#buffers.set(out, this.#assembler.words([initial]));
    }
    const address = this.buffer(out, at + size) + at;
    slots?.forEach((name, index) => {
      this.#slots.set(name, { address: address + index * INT_SIZE, mask: LOW_HALF });
    });
    return address;
  }

  #texts(texts: readonly string[], withHome: boolean): number {
    const pointers = texts.map((text) => this.#assembler.string(text));
    if (withHome) pointers.push(this.#answerAddress() + ANSWER.home);
    return this.#assembler.words([...pointers, 0]);
  }

  /** `struct sock_fprog`: the count of instructions, and behind it, at the next word, where they are. */
  #filter({ filter }: Filter): number {
    return this.#assembler.words([filter.length / SOCK_FILTER_SIZE, this.#assembler.bytes(filter)]);
  }

  #frame({ frame, text, value }: Frame): number {
    const known = this.#buffers.get(`frame ${frame}`);
    if (known !== undefined) return known;
    const address = this.#assembler.bytes(encodeFrame(encoder.encode(text)));
    this.#assembler.copy(this.slot(value.slot), address + FRAME.value);
    this.#buffers.set(`frame ${frame}`, address);
    return address;
  }

  /** `struct msghdr`, and what it leads to: one byte, and the ancillary data that is the descriptor. */
  #passage({ passage, descriptor, isReceived }: Passage): number {
    const known = this.#buffers.get(`passage ${passage}`);
    if (known !== undefined) return known;
    const a = this.#assembler;
    const control = a.words([PASSAGE.length, SCM.SOL_SOCKET + SCM.SCM_RIGHTS * 2 ** 32, 0]);
    const piece = a.words([a.words([0]), 1]);
    const address = a.words([0, 0, piece, 1, control, PASSAGE.space, 0]);
    this.#buffers.set(`passage ${passage}`, address);
    const place = control + PASSAGE.descriptor;
    if (typeof descriptor === "number") a.result(descriptor, { store: place });
    else if (isReceived) this.#slots.set(descriptor.slot, { address: place, mask: LOW_HALF });
    else a.copy(this.slot(descriptor.slot), place);
    return address;
  }

  #logHead(): number {
    const known = this.#buffers.get("log head");
    if (known !== undefined) return known;
    const bytes = new Uint8Array(LOG_HEAD_SIZE);
    bytes.set(encoder.encode(LOG_MAGIC));
    const address = this.#assembler.bytes(bytes);
    this.#buffers.set("log head", address);
    return address;
  }

  #answerAddress(): number {
    this.#home ??= this.buffer("answer", ANSWER.size);
    return this.#home;
  }

  #answer({ answer }: AnswerPart): Operand {
    const address = this.#answerAddress();
    if (answer === "all") return address;
    if (answer === "groups") return address + ANSWER.groups;
    return { address: address + ANSWER[answer] };
  }

  #struct({ struct, fields }: Struct): number {
    const value = (name: string): number | Place => {
      const field = fields[name] ?? 0;
      return typeof field === "object" ? this.#place(field as Slot) : Number(field);
    };
    if (struct === "record") return this.record(value("tag"), value("value"));
    if (struct === "pollfd") {
      const fds = ["fd", "second", "third"].filter((name) => fields[name] !== undefined);
      return this.#pollfds(fds.map(value), Number(fields.events));
    }
    if (struct === "sigset") return this.#assembler.words([BigInt(fields.bits as bigint)]);
    // ppoll(2) leaves there what remains of the time, so that no two calls may share one.
    if (struct === "timespec") return this.#assembler.bytes(encodeStruct(struct, fields as Constants));
    if (struct === "clone_args") return this.#cloneArgs(fields);
    if (struct === "cap_user_data_pair") return this.#capabilities(fields as Record<string, number>);
    return this.#constant(struct, fields as Constants);
  }

  /** Lays down a structure that the kernel only reads; the same one once. */
  #constant(struct: string, fields: Constants): number {
    const key = `${struct} ${Object.values(fields).join(" ")}`;
    const known = this.#buffers.get(key);
    if (known !== undefined) return known;
    const address = this.#assembler.bytes(encodeStruct(struct, fields));
    this.#buffers.set(key, address);
    return address;
  }

  /** The descriptor of the cgroup is known only when the call is made. */
  #cloneArgs({ cgroup, ...rest }: Struct["fields"]): number {
    const known = Object.entries(rest).map(([name, field]) =>
      [name, typeof field === "object" && "out" in field ? BigInt(this.#out(field)) : field] as const
    );
    const address = this.#assembler.bytes(encodeStruct("clone_args", Object.fromEntries(known) as Constants));
    if (cgroup === undefined) return address;
    this.#assembler.copy(this.#place(cgroup as Slot), address + layouts.cloneArgs.offsets.cgroup);
    return address;
  }

  #place(field: Slot): Place {
    return this.slot(field.slot);
  }

  /** `fd` fills the low half of the word, `events` the next 16 bits. */
  #pollfds(fds: readonly (number | Place)[], events: number): number {
    const high = events * 2 ** 32;
    const address = this.#assembler.words(fds.map((fd) => typeof fd === "number" ? fd + high : 0));
    fds.forEach((fd, index) => {
      if (typeof fd === "number") return;
      this.#assembler.copy({ address: fd.address, mask: LOW_HALF }, address + 8 * index, high);
    });
    return address;
  }

  #capabilities(fields: Record<string, number>): number {
    const half = (end: string) =>
      layouts.capUserData.encode({
        effective: fields[`effective_${end}`] ?? 0,
        permitted: fields[`permitted_${end}`] ?? 0,
        inheritable: fields[`inheritable_${end}`] ?? 0,
      });
    const both = new Uint8Array(24);
    both.set(half("low"));
    both.set(half("high"), 12);
    return this.#assembler.bytes(both);
  }
}

function encodeSystemMessage({ message }: Message): Uint8Array<ArrayBuffer> {
  if (message !== "set lo up") throw new TypeError(`no message ${message}`);
  return encodeMessage({
    type: RTM.RTM_NEWLINK,
    flags: NLM_F.NLM_F_REQUEST | NLM_F.NLM_F_ACK,
    sequence: 1,
    body: layouts.ifinfomsg.encode({
      ifi_index: LOOPBACK_INDEX,
      ifi_flags: IFF.IFF_UP,
      ifi_change: IFF.IFF_UP,
    }),
  });
}
