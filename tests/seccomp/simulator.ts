/** Runs classic BPF as the kernel does for seccomp, and refuses what the kernel would refuse. */

import { BPF, BPF_MAXINSNS, SECCOMP_DATA, SOCK_FILTER_SIZE } from "../../ffi/constants/seccomp.ts";

/** A system call as a filter sees it. */
export interface Call {
  readonly number: number;
  readonly auditArch: number;
  readonly args: readonly bigint[];
}

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** A filter that has been checked, ready to run. */
export class Simulator {
  readonly #program: readonly Instruction[];
  readonly #data = new DataView(new ArrayBuffer(SECCOMP_DATA.args + 6 * 8));
  /** How many instructions the last call took. */
  steps = 0;

  /** Takes a program apart and checks it, as bpf_check_classic() and seccomp_check_filter() of the kernel. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#program = Array.from({ length: bytes.length / SOCK_FILTER_SIZE }, (_, index) => {
      const at = index * SOCK_FILTER_SIZE;
      return {
        code: view.getUint16(at, true),
        jt: view.getUint8(at + 2),
        jf: view.getUint8(at + 3),
        k: view.getUint32(at + 4, true),
      };
    });
    if (this.#program.length === 0 || this.#program.length > BPF_MAXINSNS) throw new Error("bad length");
    for (const [index, instruction] of this.#program.entries()) this.#check(index, instruction);
    if (this.#program.at(-1)?.code !== RETURN) throw new Error("the last instruction is no return");
  }

  #check(index: number, { code, jt, jf, k }: Instruction): void {
    const room = this.#program.length - index - 1;
    const isBad = code === JUMP_ALWAYS ? k >= room : code in COMPARISONS && (jt >= room || jf >= room);
    if (isBad) throw new Error(`instruction ${index} jumps out of the program`);
    if (code === LOAD && (k % 4 !== 0 || k >= this.#data.byteLength)) throw new Error(`bad load at ${index}`);
    if (![LOAD, AND, JUMP_ALWAYS, RETURN].includes(code) && !(code in COMPARISONS)) {
      throw new Error(`instruction ${index} has the unknown code 0x${code.toString(16)}`);
    }
  }

  /** Returns the filter's word for a call. */
  run({ number, auditArch, args }: Call): number {
    this.#data.setUint32(SECCOMP_DATA.nr, number, true);
    this.#data.setUint32(SECCOMP_DATA.arch, auditArch, true);
    for (let index = 0; index < 6; index++) {
      this.#data.setBigUint64(SECCOMP_DATA.args + 8 * index, BigInt.asUintN(64, args[index] ?? 0n), true);
    }
    this.steps = 0;
    let accumulator = 0;
    for (let at = 0;; at++) {
      this.steps++;
      const instruction = this.#program[at];
      if (instruction === undefined) throw new Error("ran out of the program");
      const { code, jt, jf, k } = instruction;
      if (code === RETURN) return k;
      if (code === LOAD) accumulator = this.#data.getUint32(k, true);
      else if (code === AND) accumulator = (accumulator & k) >>> 0;
      else if (code === JUMP_ALWAYS) at += k;
      else at += COMPARISONS[code]?.(accumulator, k) ? jt : jf;
    }
  }

  /** How many instructions the program has. */
  get length(): number {
    return this.#program.length;
  }
}

const LOAD = BPF.BPF_LD | BPF.BPF_W | BPF.BPF_ABS;
const AND = BPF.BPF_ALU | BPF.BPF_AND | BPF.BPF_K;
const JUMP_ALWAYS = BPF.BPF_JMP | BPF.BPF_JA;
const RETURN = BPF.BPF_RET | BPF.BPF_K;

const COMPARISONS: Readonly<Record<number, (accumulator: number, constant: number) => boolean>> = {
  [BPF.BPF_JMP | BPF.BPF_JEQ | BPF.BPF_K]: (a, k) => a === k,
  [BPF.BPF_JMP | BPF.BPF_JGT | BPF.BPF_K]: (a, k) => a > k,
  [BPF.BPF_JMP | BPF.BPF_JGE | BPF.BPF_K]: (a, k) => a >= k,
  [BPF.BPF_JMP | BPF.BPF_JSET | BPF.BPF_K]: (a, k) => (a & k) !== 0,
};
